import jsonata from 'jsonata';

/** An error as Step Functions names it; thrown by what stands in for the services. */
export class StatesError extends Error {
  readonly error: string;
  constructor(error: string, cause = '') {
    super(cause);
    this.error = error;
  }
}

export interface Task {
  readonly state: string;
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any service
  readonly args: any;
}

interface Retrier {
  readonly ErrorEquals: string[];
  readonly MaxAttempts?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a state of any type
type State = Record<string, any>;

/**
 * Runs a JSONata state machine in memory, as the Amazon States Language says: arguments and outputs are
 * evaluated, retries and catchers are followed, no time passes. Gives every state that was entered.
 */
export async function runStates(
  { StartAt, States }: { StartAt: string; States: Record<string, State> },
  input: object,
  answer: (task: Task) => unknown,
  startedAt = '2026-01-01T00:00:00.000Z',
): Promise<string[]> {
  const context = {
    Execution: { Input: input, Name: 'the-run', StartTime: startedAt },
    Task: { Token: 'token' },
  };
  const entered: string[] = [];
  let current: unknown = input;
  for (let name: string | undefined = StartAt; name; ) {
    const state: State = States[name] ?? {};
    entered.push(name);
    if (entered.length > 1000) throw new Error('The state machine does not end');
    const scope = { input: current, context };
    if (state.Type === 'Task') {
      const done = await runTask({ name, state }, scope, answer);
      current = done.output;
      name = done.next;
    } else if (state.Type === 'Choice') {
      name = await chosen(state, scope);
    } else {
      name = state.Next;
    }
  }
  return entered;
}

interface Named {
  readonly name: string;
  readonly state: State;
}

async function runTask({ name, state }: Named, scope: object, answer: (task: Task) => unknown) {
  for (const tries = new Map<Retrier, number>(); ; ) {
    const args = await fill(state.Arguments, scope);
    try {
      const result = await answer({ state: name, args });
      const output = state.Output === undefined ? result : await fill(state.Output, { ...scope, result });
      return { output, next: state.End ? undefined : state.Next };
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      if (!triesAgain(state, error, tries)) return caught(state, error, scope);
    }
  }
}

function triesAgain(state: State, error: StatesError, tries: Map<Retrier, number>): boolean {
  const retrier = find<Retrier>(state.Retry, error);
  const tried = retrier ? (tries.get(retrier) ?? 0) : 0;
  if (!retrier || tried >= (retrier.MaxAttempts ?? 3)) return false;
  tries.set(retrier, tried + 1);
  return true;
}

async function caught(state: State, error: StatesError, scope: object) {
  const catcher = find<State & Retrier>(state.Catch, error);
  if (!catcher) throw error;
  const errorOutput = { Error: error.error, Cause: error.message };
  const output = catcher.Output ? await fill(catcher.Output, { ...scope, errorOutput }) : errorOutput;
  return { output, next: catcher.Next };
}

const find = <One extends Retrier>(all: One[] | undefined, { error }: StatesError) =>
  all?.find(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'));

async function chosen(state: State, scope: object): Promise<string> {
  for (const { Condition, Next } of state.Choices) if ((await fill(Condition, scope)) === true) return Next;
  return state.Default;
}

/** Fills a template: what stands in `{% … %}` is evaluated; an expression without a result is an error. */
async function fill(template: unknown, states: object): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(template)?.[1];
    if (expression === undefined) return template;
    const result = await jsonata(expression).evaluate(undefined, { states });
    if (result === undefined) throw new StatesError('States.QueryEvaluationError', expression);
    return JSON.parse(JSON.stringify(result));
  }
  if (Array.isArray(template)) return Promise.all(template.map((item) => fill(item, states)));
  if (template === null || typeof template !== 'object') return template;
  const entries = Object.entries(template).map(async ([key, value]) => [key, await fill(value, states)]);
  return Object.fromEntries(await Promise.all(entries));
}
