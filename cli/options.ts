import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The options of a command; one that it does not know ends it with a sentence, not with a stack trace. */
export function options<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
