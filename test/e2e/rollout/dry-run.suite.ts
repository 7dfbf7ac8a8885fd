import {
  CreateLaunchTemplateVersionCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { describeVersion } from '../../../shared/domain/retention/template-uses.ts';
import { announced, cardsAbout, until } from '../support/flow.ts';
import {
  addGroup,
  addImage,
  availability,
  everything,
  follow,
  followNewest,
  putAndSettle,
  rollBack,
} from '../support/rollouts.ts';
import type { Session } from '../support/session.ts';

/** For a session whose configuration says `rollout.dryRun`. */
export const tellsWhatItWouldDo = (the: () => Session) =>
  describe('with rollout.dryRun, nothing is changed, and it is told once', () => {
    /** What was told, and all that there is besides. */
    const look = async (name: string) => {
      const { events: _, ...rest } = await everything(the());
      return { told: announced(the(), 'AmiRolloutPlanned', name), rest };
    };

    it('what would be rolled out, refreshed and pointed to', async () => {
      const name = 'planned';
      const { id, base } = await follow(the(), name);
      await addGroup(the(), name, { LaunchTemplate: { LaunchTemplateId: id, Version: '$Default' } });
      const image = await addImage(the(), name, 3);
      const { rest } = await look(name);
      const { imageId } = image;
      await putAndSettle(the(), name, availability(the(), name, image));
      await until('three plans', () => announced(the(), 'AmiRolloutPlanned', name).length === 3);
      await putAndSettle(the(), name, availability(the(), name, image));
      await followNewest(the());
      const after = await look(name);
      const known = { instanceName: name, imageId, requestId: 'for-planned-3' };
      const of = { ...known, launchTemplateId: id, previousVersion: 1, previousImageId: base };
      const message = expect.any(String);
      expect(after.told).toHaveLength(3);
      expect(after.told).toEqual(
        expect.arrayContaining([
          { ...of, code: 'roll-out', message },
          { ...of, code: 'refresh', autoScalingGroupName: name, message },
          { ...known, code: 'move-pointer', parameterName: '/amity/images/planned/latest', message },
        ]),
      );
      expect(after.rest).toEqual(rest);
      await until('the card', () => cardsAbout(the(), `${id} would get a version with ${imageId}`)[0]);
    });

    it('what would be rolled back', async () => {
      const name = 'planned-back';
      const { id, base } = await follow(the(), name);
      const { imageId } = await addImage(the(), name, 3);
      const ec2 = new EC2Client(the().aws.clientConfig);
      const version = {
        SourceVersion: '1',
        VersionDescription: describeVersion(imageId, 'r', 1),
        LaunchTemplateData: { ImageId: imageId },
      };
      await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, ...version }));
      await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '2' }));
      const { rest } = await look(name);
      await rollBack(the(), { instanceName: name, requestId: 'back-1' });
      await until('the plan', () => announced(the(), 'AmiRolloutPlanned', name)[0]);
      const after = await look(name);
      expect(after.told).toMatchObject([
        { code: 'roll-back', launchTemplateId: id, version: 1, imageId: base, previousImageId: imageId },
      ]);
      expect(after.rest).toEqual(rest);
    });
  });
