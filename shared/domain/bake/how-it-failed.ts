import { FAILURE_CODES, type Failure, type FailureCode } from '../failures.ts';
import type { BakeStage } from './stages.ts';

/** How a step of the workflow ended that did not end well: a code of ours, or an error of Step Functions' or a script's. */
export interface Fall {
  readonly stage: BakeStage;
  readonly error: string;
  readonly cause: string;
}

export interface FallenBake {
  readonly fall: Fall;
  readonly timeoutMinutes: number;
  /** The end of what the builder's console showed. */
  readonly console?: string | undefined;
}

/** The wrapper's word: shared/domain/bake/wrapper.ts. */
const SCRIPT_FAILED = 'ScriptFailed';
/** Of Step Functions, of Lambda and of our own functions; every other one a script sent itself. */
const OF_THE_WORKFLOW = /^(States|Lambda|Sandbox|Runtime|BuilderError)\b/;
/** What the wrapper says of a script: its exit code, and the last of its output. */
const ENDED = /^exit (?<code>\d+)\n(?<output>[\s\S]*)$/;
const WITH_SCRIPT = new Set<BakeStage>(['provision', 'validate']);
const MOST_OUTPUT = 3_000;

/** What is told of it: the stage, a code, words for a person, and the end of the script's output. */
export function howItFailed({ fall, timeoutMinutes, console }: FallenBake): Failure {
  const { stage, error, cause } = fall;
  const told = (code: FailureCode, message: string, output = console): Failure => ({
    code,
    message,
    stage,
    ...(output?.trim() && { output: lastOf(output) }),
  });
  const script = stage === 'validate' ? 'The validation' : 'The user data';
  const scriptFailed = stage === 'validate' ? 'validation-failed' : 'script-failed';
  if (isCode(error)) return told(error, cause);
  if (error === 'States.Timeout') {
    return told('builder-timeout', `${script} did not signal its end within ${timeoutMinutes} minutes.`);
  }
  const ended = error === SCRIPT_FAILED && ENDED.exec(cause)?.groups;
  if (ended) return told(scriptFailed, `${script} ended with exit code ${ended.code}.`, ended.output);
  // In the other stages no script has a say.
  if (OF_THE_WORKFLOW.test(error) || !WITH_SCRIPT.has(stage))
    return told('bake-error', `${error}: ${messageOf(cause)}`);
  return told(scriptFailed, `${script} signalled its failure: ${[error, cause].filter(Boolean).join(': ')}`);
}

/** Of a workflow that came to no end of its own, and so cannot say it. */
export const broken = (execution: string, status: string): Failure => ({
  code: 'bake-error',
  message: `The workflow of this bake ended as ${status}, and not by itself: execution ${execution}.`,
});

/** Never half a character. */
const lastOf = (output: string) => output.slice(-MOST_OUTPUT).replace(/^[\uDC00-\uDFFF]/, '');

const isCode = (error: string): error is FailureCode => FAILURE_CODES.some((code) => code === error);

/** What a function threw comes as JSON with a stack trace: its message alone is for people. */
function messageOf(cause: string): string {
  try {
    return String(JSON.parse(cause).errorMessage ?? cause);
  } catch {
    return cause;
  }
}
