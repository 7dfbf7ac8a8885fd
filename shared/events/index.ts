import { AmiAvailable } from './ami-available.ts';
import { AmiBakeRequested } from './ami-bake-requested.ts';
import { AmiCleaned } from './ami-cleaned.ts';
import { AmiCreated } from './ami-created.ts';
import { AmiFailed } from './ami-failed.ts';
import { AmiMoveFailed } from './ami-move-failed.ts';
import { AmiMoveRequested } from './ami-move-requested.ts';
import { AmiMoved } from './ami-moved.ts';
import { AmiRequested } from './ami-requested.ts';
import { AmiRestoreFailed } from './ami-restore-failed.ts';
import { AmiRestoreRequested } from './ami-restore-requested.ts';
import { AmiRestored } from './ami-restored.ts';
import { AmiRollbackRequested } from './ami-rollback-requested.ts';
import { AmiRolledBack } from './ami-rolled-back.ts';
import { AmiRolledOut } from './ami-rolled-out.ts';
import { AmiRolloutFailed } from './ami-rollout-failed.ts';
import { AmiRolloutPlanned } from './ami-rollout-planned.ts';
import { AmiRolloutSucceeded } from './ami-rollout-succeeded.ts';

/** Every event of ours, in the order of the flow. */
export const EVENTS = {
  AmiRequested,
  AmiBakeRequested,
  AmiCreated,
  AmiAvailable,
  AmiFailed,
  AmiCleaned,
  AmiRestoreRequested,
  AmiRestored,
  AmiRestoreFailed,
  AmiRolledOut,
  AmiRollbackRequested,
  AmiRolledBack,
  AmiRolloutSucceeded,
  AmiRolloutFailed,
  AmiRolloutPlanned,
  AmiMoveRequested,
  AmiMoved,
  AmiMoveFailed,
};

/** What a notification can be asked to tell. */
export const ANNOUNCED = [
  'AmiAvailable',
  'AmiFailed',
  'AmiCleaned',
  'AmiRestored',
  'AmiRestoreFailed',
  'AmiRolledOut',
  'AmiRolledBack',
  'AmiRolloutSucceeded',
  'AmiRolloutFailed',
  'AmiRolloutPlanned',
  'AmiMoved',
  'AmiMoveFailed',
] as const;

/** Events that one function tells, under one name: they come and go together. */
export const TOLD_TOGETHER = {
  AmiRollout: [
    'AmiRolledOut',
    'AmiRolledBack',
    'AmiRolloutSucceeded',
    'AmiRolloutFailed',
    'AmiRolloutPlanned',
  ],
  AmiMove: ['AmiMoved', 'AmiMoveFailed'],
} as const satisfies Record<string, readonly (typeof ANNOUNCED)[number][]>;
