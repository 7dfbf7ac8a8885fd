import type { Session } from './session.ts';
import { FLEET } from './story.ts';

/**
 * What a person can paste into another terminal while the demo is up: plain curl against AWS's own APIs, so
 * that nothing but this machine's account can be meant.
 */
export function commands({ aws, outputs, apiUrl, bakeUrl }: Session): string {
  const signed = (service: string) =>
    `curl -sw "\\n" --aws-sigv4 aws:amz:${aws.region}:${service} --user ${aws.account}:local`;
  const amzJson = (version: string, target: string) =>
    `-H 'content-type: application/x-amz-json-${version}' -H 'x-amz-target: ${target}'`;
  const entry = (DetailType: string, detail: object) => ({
    Entries: [
      {
        EventBusName: outputs.BusName,
        Source: 'my.release-train',
        DetailType,
        Detail: JSON.stringify(detail),
      },
    ],
  });
  const event = entry('AmiRequested', { instanceName: 'service-api' });
  const restore = entry('AmiRestoreRequested', { imageId: 'ami-0123456789abcdef0' });
  const rollback = entry('AmiRollbackRequested', { instanceName: FLEET });
  const hour = 3600;
  const now = Math.floor(Date.now() / 1000);
  const replay = (name: string) => ({
    ReplayName: name,
    EventSourceArn: outputs.ArchiveArn,
    EventStartTime: now - hour,
    EventEndTime: now + hour,
    Destination: { Arn: outputs.BusArn },
  });
  return `
Amity is up. In another terminal, and watch this one:

# a pipeline asks for an image
${signed('execute-api')} -H 'content-type: application/json' \\
  -d '{"instance_name_list":["service-worker"]}' ${apiUrl}

# another system asks for one
${signed('events')} ${amzJson('1.1', 'AWSEvents.PutEvents')} \\
  -d '${JSON.stringify(event)}' ${aws.endpoint}/

# a pipeline has an image baked from a base image, with what is in examples/bake (only that is run on this machine)
${signed('execute-api')} -H 'content-type: application/json' \\
  -d @examples/bake/web.json ${bakeUrl}

# the daily clean-up, now
${signed('lambda')} -d '{}' ${aws.endpoint}/2015-03-31/functions/${outputs.CleanUpFunctionName}/invocations

# take a rollout back (the first command makes an image, which is rolled out; the last one was taken back)
${signed('events')} ${amzJson('1.1', 'AWSEvents.PutEvents')} \\
  -d '${JSON.stringify(rollback)}' ${aws.endpoint}/

# bring an image back that was deleted: put its id in
${signed('events')} ${amzJson('1.1', 'AWSEvents.PutEvents')} \\
  -d '${JSON.stringify(restore)}' ${aws.endpoint}/

# stop all deletion at once ("on" lets it go on)
${signed('ssm')} ${amzJson('1.1', 'AmazonSSM.PutParameter')} \\
  -d '{"Name":"/amity/deletion","Value":"off","Overwrite":true}' ${aws.endpoint}/

# replay everything: what failed is tried again, nothing that was done is repeated
${signed('events')} ${amzJson('1.1', 'AWSEvents.StartReplay')} \\
  -d "${JSON.stringify(replay('again-$(date +%s)')).replaceAll('"', '\\"')}" ${aws.endpoint}/

Ctrl-C ends it all.`;
}
