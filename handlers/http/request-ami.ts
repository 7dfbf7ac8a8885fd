import { acceptRequests } from '../../shared/aws/accept-requests.ts';
import { AmiRequested } from '../../shared/events/ami-requested.ts';
import { CreateAmiBody } from '../../shared/events/create-ami-body.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { checkedBody, httpHandler } from '../../shared/runtime/http-handler.ts';

const env = environment({ BUS_NAME: text, REQUESTS_TABLE: text });

/** `POST /create-ami`: an `AmiRequested` for each name; 202 once every one is on the bus. */
export const handler = httpHandler(async (json, event) => {
  const body = checkedBody(CreateAmiBody, json);
  return acceptRequests({
    busName: env.BUS_NAME,
    requestsTable: env.REQUESTS_TABLE,
    event,
    body,
    names: [...new Set(body.instance_name_list)],
    entry: (requestId, instanceName) =>
      AmiRequested.encode({
        requestId,
        instanceName,
        ...(body.reason !== undefined && { reason: body.reason }),
        ...(body.no_reboot !== undefined && { noReboot: body.no_reboot }),
        ...(body.tags && { tags: body.tags }),
        ...(body.retention_days !== undefined && { retentionDays: body.retention_days }),
      }),
  });
});
