import { connectionLost } from './aws-errors.ts';

/** How one AWS call goes wrong: before or after it was carried out, as an error or as the function's death. */
export interface Fault {
  readonly when: 'before' | 'after';
  readonly how: 'throws' | 'dies' | 'stalls';
  /** What is thrown; a lost connection without it. */
  readonly error?: Error;
}

/** Decides for each call, by its name and its number (from 0, over all calls), whether it goes wrong. */
export type FaultPlan = (name: string, number: number) => Fault | undefined;

/**
 * Every fake AWS call passes through here, so that a test can let any of them fail before or after it was
 * carried out. A call that "dies" never answers, as when Lambda kills the function; one that "stalls" goes
 * on after `wake`.
 */
export class Calls {
  readonly names: string[] = [];
  faults: FaultPlan = () => undefined;
  /** Settles when a call has died or stalled. */
  died: Promise<void> = Promise.resolve();
  readonly #before = new Map<string, () => void>();
  #die: () => void = () => undefined;
  wake: () => void = () => undefined;
  readonly #woken = new Promise<void>((resolve) => {
    this.wake = resolve;
  });

  constructor() {
    this.revive();
  }

  revive(): void {
    this.died = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  /** Something happens elsewhere, just before the first call of that name is carried out. */
  before(name: string, happens: () => void): void {
    this.#before.set(name, happens);
  }

  async through<Answer>(name: string, carryOut: () => Answer): Promise<Answer> {
    this.#before.get(name)?.();
    this.#before.delete(name);
    const fault = this.faults(name, this.names.push(name) - 1);
    if (fault?.when === 'before') await this.#goWrong(fault);
    const answer = carryOut();
    if (fault?.when === 'after') await this.#goWrong(fault);
    return answer;
  }

  count(name: string): number {
    return this.names.filter((each) => each === name).length;
  }

  /** Settles only where the call goes on. */
  #goWrong({ how, error }: Fault): Promise<void> {
    if (how === 'throws') return Promise.reject(error ?? connectionLost());
    this.#die();
    return how === 'stalls' ? this.#woken : new Promise(() => undefined);
  }
}

/** One call of that name (any, without it) goes wrong, the others do not. */
export function once(fault: Fault, which: { name?: string; number?: number } = {}): FaultPlan {
  let left = 1;
  return (name, number) => {
    const meant =
      (which.name === undefined || which.name === name) &&
      (which.number === undefined || which.number === number);
    if (!meant || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

/** The first so many calls of that name go wrong. */
export function times(count: number, name: string, fault: Fault): FaultPlan {
  let left = count;
  return (each) => {
    if (each !== name || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

/** Each of some calls, by its place, ended in each way that there is. */
export const everyCut = (names: readonly string[]): (Fault & { name: string; number: number })[] =>
  WAYS.flatMap((fault) => names.map((name, number) => ({ ...fault, name, number })));

const WAYS: readonly Fault[] = [
  { when: 'before', how: 'throws' },
  { when: 'after', how: 'throws' },
  { when: 'before', how: 'dies' },
  { when: 'after', how: 'dies' },
];
