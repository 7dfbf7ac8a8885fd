/** Something that may pass by itself, and that knows when it is worth another try. */
export class TryAgainLater extends Error {
  override readonly name = 'TryAgainLater';
  readonly seconds: number;

  constructor(message: string, seconds: number, options?: ErrorOptions) {
    super(message, options);
    this.seconds = seconds;
  }
}
