type Item = Readonly<Record<string, unknown>>;

export interface Condition {
  readonly expression?: string | undefined;
  readonly names?: Record<string, string> | undefined;
  readonly values?: Record<string, unknown> | undefined;
}

/**
 * The part of DynamoDB's condition language that we and powertools use: AND, OR, brackets, `=`, `<`,
 * attribute_exists and attribute_not_exists. A comparison with an attribute that is not there is false.
 */
export function holds({ expression, names = {}, values = {} }: Condition, item: Item | undefined): boolean {
  if (!expression) return true;
  const tokens = expression.match(/attribute_(?:not_)?exists|AND|OR|[#:]?\w+|[()=<]/g) ?? [];
  const next = () => tokens.shift() ?? '';
  const operand = (token: string) => (token.startsWith(':') ? values[token] : item?.[names[token] ?? token]);

  const any = (): boolean => {
    let result = all();
    while (tokens[0] === 'OR') {
      next();
      result = all() || result;
    }
    return result;
  };
  const all = (): boolean => {
    let result = one();
    while (tokens[0] === 'AND') {
      next();
      result = one() && result;
    }
    return result;
  };
  const one = (): boolean => {
    const token = next();
    if (token === '(') {
      const result = any();
      next();
      return result;
    }
    if (token.startsWith('attribute_')) {
      next();
      const exists = operand(next()) !== undefined;
      next();
      return exists === (token === 'attribute_exists');
    }
    return compared(operand(token), next(), operand(next()));
  };
  return any();
}

function compared(left: unknown, operator: string, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  if (operator === '=') return left === right;
  if (operator === '<' && typeof left === 'number' && typeof right === 'number') return left < right;
  throw new Error(`The fake table does not know ${String(left)} ${operator} ${String(right)}`);
}
