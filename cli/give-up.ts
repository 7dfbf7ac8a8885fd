/** Ends a command with what went wrong, in a sentence; a stack trace is for us alone. */
export function giveUp(what: string, error: unknown): void {
  const why =
    error instanceof Error
      ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`
      : String(error);
  console.error(`${what}. ${why}`);
  process.exitCode = 1;
}
