import { acceptRequests } from '../../shared/aws/accept-requests.ts';
import { notAllowed } from '../../shared/domain/bake/spec.ts';
import { AmiBakeRequested } from '../../shared/events/ami-bake-requested.ts';
import { asBakeRequest, BakeAmiBody } from '../../shared/events/bake-ami-body.ts';
import { bakeSettings } from '../../shared/runtime/bake-environment.ts';
import { environment, text } from '../../shared/runtime/environment.ts';
import { checkedBody, httpHandler, wrongBody } from '../../shared/runtime/http-handler.ts';

const env = environment({ BUS_NAME: text, REQUESTS_TABLE: text });
const settings = bakeSettings();

/** `POST /bake-ami`: an `AmiBakeRequested`; 202 once it is on the bus. */
export const handler = httpHandler(async (json, event) => {
  const body = checkedBody(BakeAmiBody, json);
  const request = asBakeRequest(body);
  const problems = notAllowed(request, settings);
  if (problems.length > 0) {
    throw wrongBody(problems.map(({ pointer, detail }) => ({ pointer: snakeCase(pointer), detail })));
  }
  return acceptRequests({
    busName: env.BUS_NAME,
    requestsTable: env.REQUESTS_TABLE,
    event,
    body,
    names: [body.name],
    entry: (requestId) => AmiBakeRequested.encode({ ...request, requestId }),
  });
});

const snakeCase = (pointer: string) => pointer.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
