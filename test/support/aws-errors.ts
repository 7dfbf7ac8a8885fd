import { EC2ServiceException } from '@aws-sdk/client-ec2';

const SLOW_DOWN = 503;

/** EC2's errors are one class with many names; throttling comes as 503, refusals as 400. */
export function ec2Error(name: string, message = `${name} happened`, status?: number): EC2ServiceException {
  const known = /LimitExceeded$|^Throttling|^Internal|^Unavailable$|^ServiceUnavailable$/.test(name);
  const httpStatusCode = status ?? (known ? SLOW_DOWN : 400);
  return new EC2ServiceException({
    name,
    message,
    $fault: httpStatusCode >= 500 ? 'server' : 'client',
    $metadata: { httpStatusCode },
  });
}

/** The connection broke: nobody knows whether the call was carried out. */
export function connectionLost(): Error {
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
}
