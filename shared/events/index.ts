import { AmiAvailable } from './ami-available.ts';
import { AmiBakeRequested } from './ami-bake-requested.ts';
import { AmiCleaned } from './ami-cleaned.ts';
import { AmiCreated } from './ami-created.ts';
import { AmiFailed } from './ami-failed.ts';
import { AmiRequested } from './ami-requested.ts';
import { AmiRestoreFailed } from './ami-restore-failed.ts';
import { AmiRestoreRequested } from './ami-restore-requested.ts';
import { AmiRestored } from './ami-restored.ts';

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
};

/** What a notification can be asked to tell. */
export const ANNOUNCED = [
  'AmiAvailable',
  'AmiFailed',
  'AmiCleaned',
  'AmiRestored',
  'AmiRestoreFailed',
] as const;
