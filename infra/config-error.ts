/** What is wrong with a configuration, every mistake in one message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Why a file cannot be read, in a word: `ENOENT`. */
export const whyUnreadable = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
