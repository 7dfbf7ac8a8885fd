import {
  InstanceRefreshInProgressFault,
  ResourceContentionFault,
  ScalingActivityInProgressFault,
} from '@aws-sdk/client-auto-scaling';
import { expect, it } from 'vitest';
import { refusal } from '../../shared/aws/auto-scaling.ts';
import { connectionLost, ec2Error } from '../support/aws-errors.ts';
import { scalingError } from '../support/fake-groups.ts';

const fault = { message: 'busy', $metadata: { httpStatusCode: 400 } };

it.each<[Error, string]>([
  [ec2Error('UnauthorizedOperation'), 'access-denied'],
  [ec2Error('AuthFailure'), 'access-denied'],
  [ec2Error('InvalidLaunchTemplateId.NotFound'), 'ec2-rejected'],
  [ec2Error('InvalidParameterValue'), 'ec2-rejected'],
  [scalingError('no', 'AccessDenied', 403), 'access-denied'],
  [scalingError('no', 'AccessDeniedException', 403), 'access-denied'],
  [scalingError('You must specify'), 'ec2-rejected'],
  [new InstanceRefreshInProgressFault(fault), 'ec2-rejected'],
])('%s is refused for good: %s, in its own words', (error, code) => {
  expect(refusal(error)).toEqual({ code, message: `${error.name}: ${error.message}` });
});

it.each<Error>([
  ec2Error('RequestLimitExceeded'),
  ec2Error('InternalError'),
  ec2Error('Unavailable'),
  connectionLost(),
  new TypeError('undefined is not a function'),
  scalingError('Rate exceeded', 'Throttling'),
  scalingError('oops', 'InternalFailure', 500),
  scalingError('oops', 'ServiceUnavailable', 503),
  new ScalingActivityInProgressFault(fault),
  new ResourceContentionFault(fault),
  scalingError('An active instance refresh with a desired configuration exists.'),
])('%s may pass', (error) => {
  expect(refusal(error)).toBeUndefined();
});
