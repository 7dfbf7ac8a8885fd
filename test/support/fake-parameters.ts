import {
  GetParameterCommand,
  type GetParameterCommandInput,
  ParameterNotFound,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import type { Calls } from './calls.ts';

interface Held {
  readonly value: string;
  readonly since: Date;
}

/** Parameters of the data type `aws:ec2:image` in memory: AWS answers, then looks at the image, then takes the value. */
export class FakeParameters {
  readonly mock = mockClient(SSMClient);
  readonly held = new Map<string, Held>();
  /** How many reads later a value is taken that was written. */
  slowness = 0;
  readonly #pending = new Map<string, Held & { looks: number }>();

  /** @param isUsable whether there is such an image, available */
  constructor(calls: Calls, isUsable: (imageId: string) => boolean) {
    this.mock
      .on(GetParameterCommand)
      .callsFake(({ Name = '' }: GetParameterCommandInput) =>
        calls.through('GetParameter', () => this.#get(Name)),
      )
      .on(PutParameterCommand)
      .callsFake(({ Name = '', Value = '' }: PutParameterCommandInput) =>
        calls.through('PutParameter', () => {
          if (!/^(\/[\w.-]+)+$/.test(Name)) throw new Error(`No name of a parameter: ${Name}`);
          if (isUsable(Value))
            this.#pending.set(Name, { value: Value, since: new Date(), looks: this.slowness });
          return { Version: 1 };
        }),
      );
  }

  set(name: string, value: string, since = new Date()): void {
    this.held.set(name, { value, since });
  }

  value = (name: string): string | undefined => this.held.get(name)?.value;

  /** What was written, in order. */
  get written(): PutParameterCommandInput[] {
    return this.mock.commandCalls(PutParameterCommand).map(({ args }) => args[0].input);
  }

  #get(name: string) {
    const pending = this.#pending.get(name);
    if (pending && pending.looks === 0) {
      this.held.set(name, { value: pending.value, since: pending.since });
      this.#pending.delete(name);
    }
    if (pending) pending.looks -= 1;
    const held = this.held.get(name);
    if (!held) throw new ParameterNotFound({ message: name, $metadata: { httpStatusCode: 400 } });
    return { Parameter: { Name: name, Value: held.value, LastModifiedDate: held.since } };
  }
}
