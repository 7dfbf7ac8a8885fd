import type { StandingBake } from '../../shared/runtime/standing-bakes.ts';

/** Stands in for `shared/runtime/standing-bakes.ts`: a configuration with four bakes. */
export const standingBakes = (): StandingBake[] => [
  bake('service-web', 'resolve:ssm:/golden/web', true),
  bake('service-api', 'resolve:ssm:/golden/web', false),
  bake('service-worker', 'resolve:ssm:/golden/worker', true),
  bake('service-batch', 'ami-0ba5e000000000000', false),
];

const bake = (instanceName: string, baseImage: string, onlyWhenBaseImageChanged: boolean): StandingBake => ({
  request: { instanceName, baseImage, userData: '#!/bin/sh\n', reason: 'Nightly' },
  onlyWhenBaseImageChanged,
});
