import { env } from '../../support/handler-environment.ts';

/** Before anything of shared/ is imported. */
Object.assign(process.env, env);
