/** What a token must say: the exact text of each claim, or one of several. */
export type RequiredClaims = Readonly<Record<string, string | readonly string[]>>;

/**
 * The claims in which a token differs from what is required. Only a text can be equal to a text: a claim that is
 * missing, a number or a list (even one that holds the text) differs, so that nothing is let in by a reading of ours.
 */
export const differingClaims = (
  required: RequiredClaims,
  token: Readonly<Record<string, unknown>>,
): string[] =>
  Object.entries(required)
    .filter(([name, allowed]) => {
      const claim = token[name];
      return !(
        typeof claim === 'string' && (typeof allowed === 'string' ? [allowed] : allowed).includes(claim)
      );
    })
    .map(([name]) => name);
