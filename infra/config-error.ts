/** What is wrong with a configuration, every mistake in one message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
