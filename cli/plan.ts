import { writeFile } from 'node:fs/promises';
import { loadConfig } from '../infra/config.ts';
import { deletionSwitch } from '../shared/aws/deletion-switch.ts';
import { ec2 } from '../shared/aws/ec2.ts';
import { fullPlan } from '../shared/aws/retention/full-plan.ts';
import { giveUp } from './give-up.ts';
import { options } from './options.ts';
import { planTable } from './plan-table.ts';
import type { SavedPlan } from './saved-plan.ts';

/**
 * `npm run plan`: what the clean-up would do now, and why, without changing anything. `-- --json` prints it as JSON,
 * `-- --out FILE` saves it for `npm run apply`, `-- --name NAME` is for one instance name.
 */
const { values } = options({
  options: {
    config: { type: 'string', default: 'amity.config.json' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    name: { type: 'string' },
    'despite-share': { type: 'boolean', default: false },
  },
});

try {
  const { retention: configured } = loadConfig(values.config);
  const home = await ec2.config.region();
  const now = new Date();
  const retention = { ...configured, ...(values['despite-share'] && { stopAboveShare: 1 }) };
  const regions = [...new Set([home, ...configured.regions])];
  const plans = await Promise.all(
    regions.map((region) => fullPlan({ region, regions, retention, now, instanceName: values.name })),
  );
  const saved: SavedPlan = { version: 1, region: home, plannedAt: now.toISOString(), plans };
  const json = JSON.stringify(saved, undefined, 2);
  if (values.out) await writeFile(values.out, `${json}\n`);
  console.log(values.json ? json : plans.map(planTable).join('\n\n'));
  const off = await deletionSwitch()();
  if (off) console.error(`Nothing of it would be done now: ${off}.`);
  if (values.out) console.error(`Saved. To do it: npm run apply -- ${values.out}`);
} catch (error) {
  giveUp('There is no plan', error);
}
