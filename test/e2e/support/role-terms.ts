/* What roles are said to be able to do: role-permissions.ts. */

/** Of every function: its own queue, and nothing of it but taking messages. */
export const consumes = (place: string) => [`sqs:GetQueueAttributes ${place}`, `sqs:ReceiveMessage ${place}`];
export const reads = (place: string) => [
  ...consumes(place),
  'ssm:GetParameter of the webhook',
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action} Notified`),
];
export const puts = (...events: string[]) => events.map((event) => `events:PutEvents ${event}`);
