import jsonata from 'jsonata';

/** An error as Step Functions names it; thrown by what stands in for the services. */
export class StatesError extends Error {
  readonly output: { readonly Error?: string; readonly Cause?: string };
  /** Who signals a failure may leave both out. */
  constructor(error?: string, cause: string | undefined = '') {
    super(cause);
    this.output = { ...(error !== undefined && { Error: error, Cause: cause }) };
  }
}

export interface Task {
  readonly state: string;
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any service
  readonly args: any;
  readonly timeoutSeconds: unknown;
}

export interface Run {
  /** Every state that was entered. */
  readonly entered: string[];
  readonly output: unknown;
  /** The seconds of every wait. */
  readonly pauses: number[];
}

interface Retrier {
  readonly ErrorEquals: string[];
  readonly MaxAttempts?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a state of any type
type State = Record<string, any>;

interface Scope {
  readonly input: unknown;
  readonly context: { readonly Execution: object };
}

/**
 * Runs a JSONata state machine in memory, as the Amazon States Language says: arguments and outputs are
 * evaluated, retries and catchers are followed, no time passes. A task that waits for its token ends with what is answered,
 * as with a signal. Fails where an execution would.
 * Source: https://states-language.net/spec.html
 */
export async function runStates(
  { StartAt, States }: { StartAt: string; States: Record<string, State> },
  input: object,
  answer: (task: Task) => unknown,
  startedAt = '2026-01-01T00:00:00.000Z',
): Promise<Run> {
  const Execution = { Id: 'arn:the-run', Input: input, Name: 'the-run', StartTime: startedAt };
  const entered: string[] = [];
  const pauses: number[] = [];
  let current: unknown = input;
  for (let name: string | undefined = StartAt; name; ) {
    const state = States[name];
    if (!state) throw new Error(`There is no state ${name}`);
    entered.push(name);
    if (entered.length > 1000) throw new Error('The state machine does not end');
    const scope = { input: current, context: { Execution } };
    if (state.Type === 'Task') {
      const done = await runTask({ name, state }, scope, answer);
      current = done.output;
      name = done.next;
    } else if (state.Type === 'Choice') {
      name = await chosen(state, scope);
    } else {
      pauses.push(...(await pausesOf(state, scope)));
      if (state.Output !== undefined) current = await fill(state.Output, scope);
      name = state.Next;
    }
  }
  return { entered, pauses, output: current };
}

interface Named {
  readonly name: string;
  readonly state: State;
}

async function runTask(task: Named, { input, context }: Scope, answer: (task: Task) => unknown) {
  const tries = new Map<Retrier, number>();
  for (let attempt = 1; ; attempt += 1) {
    // Each try has a token of its own, and only a task that waits with it has one.
    const Task = isCallback(task) && { Token: `token-${attempt}` };
    const scope = { input, context: { ...context, ...(Task && { Task }) } };
    try {
      return await tryTask(task, scope, answer);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      if (!triesAgain(task.state, error, tries)) return caught(task.state, error, scope);
    }
  }
}

const isCallback = ({ state }: Named): boolean => state.Resource.endsWith('.waitForTaskToken');

async function tryTask({ name, state }: Named, scope: object, answer: (task: Task) => unknown) {
  const args = await fill(state.Arguments, scope);
  if (isCallback({ name, state }) && !/"token-\d+"/.test(JSON.stringify(args)))
    throw new Error(`Nobody is told the token of ${name}`);
  const timeoutSeconds = await fill(state.TimeoutSeconds, scope);
  if (timeoutSeconds !== undefined && !(Number(timeoutSeconds) >= 1))
    throw new StatesError('States.QueryEvaluationError', `TimeoutSeconds ${timeoutSeconds}`);
  const result = await answer({ state: name, args, timeoutSeconds });
  const output = state.Output === undefined ? result : await fill(state.Output, { ...scope, result });
  return { output, next: state.End ? undefined : state.Next };
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
  const errorOutput = error.output;
  const output = catcher.Output ? await fill(catcher.Output, { ...scope, errorOutput }) : errorOutput;
  return { output, next: catcher.Next };
}

/** Neither is caught by `States.ALL`. */
const TERMINAL = ['States.DataLimitExceeded', 'States.Runtime'];

function find<One extends Retrier>(all: One[] | undefined, { output: { Error: error = '' } }: StatesError) {
  return all?.find(({ ErrorEquals }) => ErrorEquals.some(matches));

  function matches(name: string): boolean {
    if (name === 'States.ALL') return !TERMINAL.includes(error);
    return name === error || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  }
}

async function pausesOf({ Type, Seconds }: State, scope: Scope): Promise<number[]> {
  if (Type !== 'Wait') return [];
  const seconds = await fill(Seconds, scope);
  if (Number.isInteger(seconds) && Number(seconds) >= 0) return [Number(seconds)];
  throw new StatesError('States.QueryEvaluationError', `Seconds ${seconds}`);
}

async function chosen(state: State, scope: object): Promise<string> {
  for (const { Condition, Next } of state.Choices) {
    const isSo = await fill(Condition, scope);
    if (typeof isSo !== 'boolean') throw new StatesError('States.QueryEvaluationError', Condition);
    if (isSo) return Next;
  }
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
