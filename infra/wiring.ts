import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type Files, withFiles } from './bundle.ts';
import type { DeadLetters } from './constructs/dead-letters.ts';
import { type Consumption, EventConsumer } from './constructs/event-consumer.ts';

export interface Wired {
  readonly stack: Stack;
  /** The folder of the bundled handlers. */
  readonly handlers: string;
  readonly deadLetters: DeadLetters;
}

/** One name for the event, the folder and the construct: what a step of the flow is found by. */
export class Wiring {
  readonly stack: Stack;
  readonly deadLetters: DeadLetters;
  private readonly handlers: string;
  private readonly folders: Record<string, Construct> = {};

  constructor({ stack, handlers, deadLetters }: Wired) {
    this.stack = stack;
    this.handlers = handlers;
    this.deadLetters = deadLetters;
  }

  /** `AmiAvailable` and `Notify2` are the handler `ami-available/notify`, and the construct `AmiAvailable/Notify2`. */
  on(event: string, action: string, consumption: Consumption, files?: Files): EventConsumer {
    this.folders[event] ??= new Construct(this.stack, event);
    return new EventConsumer(this.folders[event], action, {
      ...consumption,
      code: this.code(`${kebab(event)}/${kebab(action.replace(/\d+$/, ''))}`, files),
      deadLetters: this.deadLetters,
    });
  }

  code(handler: string, files?: Files): Code {
    const bundled = join(this.handlers, handler);
    return Code.fromAsset(files ? withFiles(bundled, files) : bundled);
  }

  /** The steps of a workflow, by their names. */
  steps(folder: string): (step: string) => Code {
    return (step) => this.code(`${folder}/${kebab(step)}`);
  }
}

const kebab = (name: string) => name.replace(/(?<=[a-z0-9])[A-Z]/g, '-$&').toLowerCase();
