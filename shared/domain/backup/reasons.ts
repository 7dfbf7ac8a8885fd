import type { Tags } from '../ownership.ts';

/** Why an instance was imaged that AWS Backup had backed up. */
export const BACKUP_REASON = 'Backup';
/** Why an instance was imaged that is moved. */
export const MOVE_REASON = 'Move';

/** Made to keep one instance as it is, and not to be run elsewhere. */
export const isBackup = ({ Reason }: Tags): boolean => Reason === BACKUP_REASON || Reason === MOVE_REASON;
