import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionCanceledException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Calls } from './calls.ts';
import { holds } from './condition.ts';

export type Item = Record<string, unknown>;

type Put = Pick<
  PutCommandInput,
  'TableName' | 'Item' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** DynamoDB in memory, with the conditions that we use. Tables are told apart by name, items by their key. */
export class FakeTable {
  readonly items = new Map<string, Item>();
  /** How many items of each BatchWrite to come are left unprocessed; none when it is empty. */
  unprocessed: number[] = [];
  pageSize = 1000;

  constructor(calls = new Calls()) {
    this.#serveDocuments(calls);
    this.#servePowertools(calls);
  }

  item(table: string, key: string): Item | undefined {
    return this.items.get(`${table}/${key}`);
  }

  /** The items of a table whose key begins so. */
  found(table: string, prefix: string): Item[] {
    return [...this.items].flatMap(([key, item]) => (key.startsWith(`${table}/${prefix}`) ? [item] : []));
  }

  #serveDocuments(calls: Calls): void {
    const documents = mockClient(DynamoDBDocumentClient);
    documents
      .on(BatchWriteCommand)
      .callsFake((input: BatchWriteCommandInput) =>
        calls.through('BatchWrite', () => this.#batchWrite(input)),
      );
    documents
      .on(QueryCommand)
      .callsFake((input: QueryCommandInput) => calls.through('Query', () => this.#query(input)));
    documents.on(GetCommand).callsFake(({ TableName, Key }: GetCommandInput) =>
      calls.through('Get', () => ({
        Item: structuredClone(this.item(String(TableName), String(Object.values(Key ?? {})[0]))),
      })),
    );
    documents.on(PutCommand).callsFake((put: PutCommandInput) =>
      calls.through('Put', () => {
        if (!this.#fits(put)) throw refused();
        this.#write(put);
        return {};
      }),
    );
    documents.on(UpdateCommand).callsFake(({ Key = {}, ...update }: UpdateCommandInput) =>
      calls.through('Update', () => {
        const asPut = { ...update, Item: Key };
        if (!this.#fits(asPut)) throw refused();
        return { Attributes: structuredClone(this.#update(asPut, update.UpdateExpression)) };
      }),
    );
    documents.on(TransactWriteCommand).callsFake(({ TransactItems = [] }: TransactWriteCommandInput) =>
      calls.through('TransactWrite', () => {
        const puts = TransactItems.flatMap((each) => each.Put ?? []);
        if (!puts.every((put) => this.#fits(put))) {
          throw new TransactionCanceledException({
            message: 'canceled',
            $metadata: {},
            CancellationReasons: [{ Code: 'ConditionalCheckFailed' }],
          });
        }
        for (const put of puts) this.#write(put);
        return {};
      }),
    );
  }

  #batchWrite({ RequestItems = {} }: BatchWriteCommandInput) {
    const left: NonNullable<BatchWriteCommandInput['RequestItems']> = {};
    for (const [TableName, puts] of Object.entries(RequestItems)) {
      if (puts.length > 25) throw new Error(`BatchWrite takes 25 items, got ${puts.length}`);
      const taken = puts.length - (this.unprocessed.shift() ?? 0);
      for (const { PutRequest } of puts.slice(0, taken)) this.#write({ TableName, Item: PutRequest?.Item });
      if (taken < puts.length) left[TableName] = puts.slice(taken);
    }
    return { UnprocessedItems: left };
  }

  /** The journal's: all of a run, or all of an image in the order of time. */
  #query({ TableName, IndexName, ExpressionAttributeValues = {}, ExclusiveStartKey }: QueryCommandInput) {
    const [[key = '', value] = []] = Object.entries(ExpressionAttributeValues);
    const found = this.found(String(TableName), '').filter((item) => item[key.slice(1)] === value);
    if (IndexName) found.sort((a, b) => String(a.at).localeCompare(String(b.at)));
    const start = Number(ExclusiveStartKey?.start ?? 0);
    const end = start + this.pageSize;
    return {
      Items: structuredClone(found.slice(start, end)),
      ...(end < found.length && { LastEvaluatedKey: { start: end } }),
    };
  }

  /** The idempotency layer of powertools uses the client without documents. */
  #servePowertools(calls: Calls): void {
    const client = mockClient(DynamoDBClient);
    client.on(PutItemCommand).callsFake((put: PutItemCommandInput) =>
      calls.through('PutItem', () => {
        const Item = plain(put.Item);
        const asDocument = { ...put, Item, ExpressionAttributeValues: plain(put.ExpressionAttributeValues) };
        if (!this.#fits(asDocument)) throw refused(marshalled(this.#old(asDocument)));
        this.#write(asDocument);
        return {};
      }),
    );
    client.on(UpdateItemCommand).callsFake(({ Key, ...update }: UpdateItemCommandInput) =>
      calls.through('UpdateItem', () => {
        const values = plain(update.ExpressionAttributeValues);
        this.#update(
          { ...update, Item: plain(Key), ExpressionAttributeValues: values },
          update.UpdateExpression,
        );
        return {};
      }),
    );
    client.on(DeleteItemCommand).callsFake(({ TableName, Key }: UpdateItemCommandInput) =>
      calls.through('DeleteItem', () => {
        this.items.delete(`${TableName}/${Object.values(plain(Key))[0]}`);
        return {};
      }),
    );
  }

  #fits(put: Put): boolean {
    const { ConditionExpression: expression, ExpressionAttributeNames: names } = put;
    return holds({ expression, names, values: put.ExpressionAttributeValues }, this.#old(put));
  }

  #old(put: Put): Item | undefined {
    return this.items.get(idOf(put));
  }

  /** What it sets, on what is there; and makes what is not. */
  #update(put: Put, expression = ''): Item {
    const item = { ...(this.#old(put) ?? put.Item) };
    for (const [, name = '', value = ''] of expression.matchAll(/(#?\w+) = (:\w+)/g))
      item[put.ExpressionAttributeNames?.[name] ?? name] = put.ExpressionAttributeValues?.[value];
    this.items.set(idOf(put), item);
    return item;
  }

  #write(put: Put): void {
    this.items.set(idOf(put), JSON.parse(JSON.stringify(put.Item)));
  }
}

/** Tables of ours have one key attribute, `key` or `id` (powertools, waiting tokens); the journal has two. */
const idOf = ({ TableName, Item = {} }: Put) =>
  `${TableName}/${Item.runId ? `${Item.runId} ${Item.id}` : (Item.key ?? Item.id)}`;

const refused = (Item?: Record<string, AttributeValue>) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(Item && { Item }),
  });

const plain = (item: Record<string, AttributeValue> = {}): Item =>
  Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      value.NULL ? null : (value.S ?? (value.N === undefined ? undefined : Number(value.N))),
    ]),
  );

const marshalled = (item: Item = {}): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      typeof value === 'number' ? { N: String(value) } : { S: String(value) },
    ]),
  );
