import aslValidator from 'asl-validator';
import { describe, expect, it } from 'vitest';

interface Definition {
  readonly States: Record<string, object>;
}

/** What every state machine of ours is held to. */
export const testDefinition = (definition: Definition) =>
  describe('the definition', () => {
    it('is valid Amazon States Language', () => {
      expect(aslValidator(definition, { checkPaths: true, checkArn: true })).toMatchObject({
        isValid: true,
        errors: [],
      });
    });

    // https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
    const CALLBACK = '.waitForTaskToken';
    const INTEGRATIONS: Record<string, string[]> = {
      'lambda:invoke': ['', CALLBACK],
      'events:putEvents': ['', CALLBACK],
      'states:startExecution': ['', '.sync', '.sync:2', CALLBACK],
      'dynamodb:getItem': [''],
      'dynamodb:putItem': [''],
      'dynamodb:updateItem': [''],
      'dynamodb:deleteItem': [''],
      // An SDK integration has every call, with and without a callback.
      'aws-sdk:dynamodb:putItem': ['', CALLBACK],
      'aws-sdk:dynamodb:updateItem': ['', CALLBACK],
    };
    const resources = Object.values(definition.States).flatMap((state) =>
      'Resource' in state ? [String(state.Resource)] : [],
    );

    it.each(resources)('uses an integration that AWS has: %s', (resource) => {
      const [, integration = '', pattern = ''] =
        /^arn:aws:states:::([\w:-]+)(\.\w+(?::2)?)?$/.exec(resource) ?? [];
      expect(INTEGRATIONS[integration]).toContain(pattern);
    });

    it('keeps to what JSONata states may have', () => {
      const text = JSON.stringify(definition);
      expect(text).not.toMatch(/"(InputPath|OutputPath|ResultPath|Parameters|ResultSelector)"/);
      expect(text).not.toContain('$eval(');
    });
  });
