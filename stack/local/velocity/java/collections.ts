/** Methods of lists, arrays, maps, and what a map shows of its keys, values and entries. Views are copies: they can't be changed. */
import { equals } from './objects.ts';
import {
  JavaEntry,
  JavaList,
  type JavaMap,
  type JavaValue,
  type Methods,
  TemplateFailure,
} from './values.ts';

function checked(list: JavaList, index: number, end = list.items.length): number {
  if (index < 0 || index >= end)
    throw new TemplateFailure(
      `IndexOutOfBoundsException: Index ${index} out of bounds for length ${list.items.length}`,
    );
  return index;
}

function indexOf(list: JavaList, value: JavaValue): number {
  return list.items.findIndex((item) => equals(item, value));
}

function contains(list: JavaList, value: JavaValue): boolean {
  return indexOf(list, value) >= 0;
}

function growing(list: JavaList): JavaList {
  if (list.kind === 'array') throw new TemplateFailure('a Java array has a fixed size');
  return list;
}

/** Replaces all elements; true when their number changed. */
function keep(list: JavaList, keeps: (item: JavaValue) => boolean): boolean {
  const kept = growing(list).items.filter(keeps);
  const isChanged = kept.length !== list.items.length;
  list.items.splice(0, list.items.length, ...kept);
  return isChanged;
}

/** Void. */
function insert(list: JavaList, index: number, ...values: readonly JavaValue[]): string {
  growing(list).items.splice(checked(list, index, list.items.length + 1), 0, ...values);
  return '';
}

function append(list: JavaList, ...values: readonly JavaValue[]): boolean {
  growing(list).items.push(...values);
  return values.length > 0;
}

function set(list: JavaList, index: number, value: JavaValue): JavaValue {
  const previous = list.items[checked(list, index)] ?? null;
  list.items[index] = value;
  return previous;
}

function removeAt(list: JavaList, index: number): JavaValue {
  return growing(list).items.splice(checked(list, index), 1)[0] ?? null;
}

function remove(list: JavaList, value: JavaValue): boolean {
  const index = indexOf(list, value);
  if (index >= 0) growing(list).items.splice(index, 1);
  return index >= 0;
}

function subList(list: JavaList, from: number, to: number): JavaList {
  if (from > to) throw new TemplateFailure(`IllegalArgumentException: fromIndex(${from}) > toIndex(${to})`);
  const items = list.items.slice(checked(list, from, to + 1), checked(list, to, list.items.length + 1));
  return new JavaList(items, 'ArrayList');
}

/** Of every collection. */
export const COLLECTION_METHODS: Methods<JavaList> = {
  'contains(o)': contains,
  'containsAll(C)': (self, other: JavaList) => other.items.every((item) => contains(self, item)),
  'isEmpty()': (self) => self.items.length === 0,
  'size()': (self) => self.items.length,
};

/** Of lists, and of arrays, which Velocity shows as lists. A void method returns an empty string, as Velocity prints. */
export const LIST_METHODS: Methods<JavaList> = {
  ...COLLECTION_METHODS,
  'add(o)': (self, value: JavaValue) => append(self, value),
  'add(io)': insert,
  'addAll(C)': (self, other: JavaList) => append(self, ...other.items),
  'addAll(iC)': (self, index: number, other: JavaList) => {
    insert(self, index, ...other.items);
    return other.items.length > 0;
  },
  'clear()': (self) => {
    keep(self, () => false);
    return '';
  },
  'get(i)': (self, index: number) => self.items[checked(self, index)] ?? null,
  'indexOf(o)': indexOf,
  'lastIndexOf(o)': (self, value: JavaValue) => self.items.findLastIndex((item) => equals(item, value)),
  'remove(i)': removeAt,
  'remove(o)': remove,
  'removeAll(C)': (self, other: JavaList) => keep(self, (item) => !contains(other, item)),
  'retainAll(C)': (self, other: JavaList) => keep(self, (item) => contains(other, item)),
  'set(io)': set,
  'subList(ii)': subList,
};

function put(map: JavaMap, key: JavaValue, value: JavaValue): JavaValue {
  const previous = map.get(key) ?? null;
  map.set(key, value);
  return previous;
}

export const MAP_METHODS: Methods<JavaMap> = {
  'clear()': (self) => {
    self.clear();
    return '';
  },
  'containsKey(o)': (self, key: JavaValue) => self.has(key),
  'containsValue(o)': (self, value: JavaValue) => [...self.values()].some((item) => equals(item, value)),
  'entrySet()': (self) => {
    const entries = [...self].map(([key, value]) => new JavaEntry(key, value));
    return new JavaList(entries, 'set');
  },
  'get(o)': (self, key: JavaValue) => self.get(key) ?? null,
  'getOrDefault(oo)': (self, key: JavaValue, otherwise: JavaValue) =>
    self.has(key) ? (self.get(key) ?? null) : otherwise,
  'isEmpty()': (self) => self.size === 0,
  'keySet()': (self) => new JavaList([...self.keys()], 'set'),
  'put(oo)': put,
  'putAll(M)': (self, other: JavaMap) => {
    for (const [key, value] of other) self.set(key, value);
    return '';
  },
  'putIfAbsent(oo)': (self, key: JavaValue, value: JavaValue) => self.get(key) ?? put(self, key, value),
  'remove(o)': (self, key: JavaValue) => {
    const value = self.get(key) ?? null;
    self.delete(key);
    return value;
  },
  'remove(oo)': (self, key: JavaValue, value: JavaValue) =>
    self.has(key) && equals(self.get(key) ?? null, value) && self.delete(key),
  'replace(oo)': (self, key: JavaValue, value: JavaValue) => (self.has(key) ? put(self, key, value) : null),
  'size()': (self) => self.size,
  'values()': (self) => new JavaList([...self.values()], 'collection'),
};

export const ENTRY_METHODS: Methods<JavaEntry> = {
  'getKey()': (self) => self.key,
  'getValue()': (self) => self.value,
};
