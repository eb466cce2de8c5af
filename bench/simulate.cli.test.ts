/** `bench simulate` as a user runs it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bench, temporaryDirectory } from './cli-fixture.ts';
