import type { Construct } from 'constructs';
import { BAKES_FILE } from '../shared/domain/bake/spec.ts';
import { bakeAnew, failBuilder, giveUpBake, startBake } from './bake-consumers.ts';
import { asStandingBake, ownParametersOf } from './bake-schema.ts';
import { BakeWorkflow } from './constructs/bake-workflow.ts';
import { FollowSchedule } from './constructs/follow-schedule.ts';
import { MoveWorkflow } from './constructs/move-workflow.ts';
import { RebootWindow } from './constructs/reboot-window.ts';
import { RolloutWorkflow } from './constructs/rollout-workflow.ts';
import { StandingBakes } from './constructs/standing-bakes.ts';
import { type Flow, notify, toldTo } from './consumers.ts';
import { requestBackupImage, startMove } from './move-consumers.ts';
import { rollBack, rollOut, setPointer, wakeRollout } from './rollout-consumers.ts';
import type { Wiring } from './wiring.ts';

/** Images are baked from base images. */
export function bakes(wiring: Wiring, flow: Flow) {
  const workflow = new BakeWorkflow(wiring.stack, 'Bake', { ...flow, code: wiring.steps('bake') });
  const consumers = [
    wiring.on('AmiBakeRequested', 'StartBake', startBake(flow, workflow)),
    wiring.on('Ec2InstanceStateChange', 'FailBuilder', failBuilder(flow, workflow)),
    wiring.on('StatesExecutionChange', 'GiveUpBake', giveUpBake(flow, workflow)),
  ];
  return { workflow, consumers };
}

/** What the configuration bakes again and again: at its time, and when a parameter of this account is written. */
export function standingBakes(wiring: Wiring, flow: Flow, schedule: Construct): StandingBakes | undefined {
  const { bakes: standing } = flow.config;
  if (standing.length === 0) return undefined;
  const file = { [BAKES_FILE]: JSON.stringify(standing.map(asStandingBake)) };
  const baking = new StandingBakes(schedule, 'Bake', {
    ...flow,
    code: wiring.code('schedule/bake', file),
    deadLetters: wiring.deadLetters,
  });
  if (ownParametersOf(standing).length > 0) wiring.on('SsmParameterChange', 'Bake', bakeAnew(flow), file);
  return baking;
}

/** What follows a name gets its newest image, and goes back. */
export function rollouts(wiring: Wiring, flow: Flow) {
  const workflow = new RolloutWorkflow(wiring.stack, 'Rollout', { ...flow, code: wiring.steps('rollout') });
  const consumers = [
    wiring.on('AmiAvailable', 'RollOut', rollOut(flow, workflow)),
    wiring.on('AmiAvailable', 'SetPointer', setPointer(flow)),
    wiring.on('AmiRollbackRequested', 'RollBack', rollBack(flow, workflow)),
    wiring.on('AutoScalingRefreshChange', 'WakeRollout', wakeRollout(flow, workflow)),
  ];
  return { workflow, consumers };
}

/** The same daily: what no event told of, and what an event missed. */
export const followNewest = (wiring: Wiring, flow: Flow, schedule: Construct, workflow: RolloutWorkflow) =>
  new FollowSchedule(schedule, 'FollowNewest', {
    ...flow,
    code: wiring.code('schedule/follow-newest'),
    workflow,
    deadLetters: wiring.deadLetters,
  });

/** Instances are moved; and imaged, when AWS Backup has backed them up, in the window for reboots. */
export function moves(wiring: Wiring, flow: Flow) {
  const { deadLetters } = wiring;
  const workflow = new MoveWorkflow(wiring.stack, 'Move', { ...flow, code: wiring.steps('move') });
  const window = flow.config.backup.rebootWindow
    ? new RebootWindow(wiring.stack, 'RebootWindow', { ...flow, deadLetters })
    : undefined;
  const consumers = [
    wiring.on('AmiMoveRequested', 'StartMove', startMove(flow, workflow)),
    wiring.on('BackupJobStateChange', 'RequestImage', requestBackupImage(flow, window)),
  ];
  return { workflow, consumers };
}

/** Each receiver is told by functions of its own. */
export function notifications(wiring: Wiring, flow: Flow): void {
  for (const [index, receiver] of flow.config.notifications.entries()) {
    const id = index === 0 ? 'Notify' : `Notify${index + 1}`;
    for (const [folder, events] of toldTo(receiver)) wiring.on(folder, id, notify(flow, events, receiver));
  }
}
