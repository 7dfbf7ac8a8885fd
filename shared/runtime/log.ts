import { Logger } from '@aws-lambda-powertools/logger';

/** Structured logs. Never give it an event whole, or a URL: what it is given is kept and can be read. */
export const log = new Logger({ serviceName: 'amity' });
