import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { preparePython } from '../../../local/python.ts';

/** What a YAML file says, as JSON. (YAML 1.1 takes the key `on` for `true`.) */
export async function readYaml(path: string): Promise<unknown> {
  const script = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
  const output = execFileSync(await preparePython(), ['-c', script], { input: readFileSync(path) });
  return JSON.parse(output.toString());
}
