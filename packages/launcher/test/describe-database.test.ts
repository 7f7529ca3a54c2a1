import { expect, it } from '@jest/globals';
import { describeDatabase } from '../src/database/describe-database.js';

it.each([
  ['postgres://operator:s3cret@db.example:5433/passport?sslmode=require', 'passport at db.example:5433'],
  ['postgres://operator:s3cret@one:5433,other/passport?sslmode=require', 'passport at one:5433, other'],
  ['postgres:///passport?host=/run/postgresql&password=s3cret', 'passport at /run/postgresql'],
  [undefined, 'in /srv/data'],
])('with DATABASE_URL %s, shows only the name and the address of the database', (url, name) => {
  expect(describeDatabase({ AIPASSPORT_DATA: '/srv/data', DATABASE_URL: url })).toBe(name);
});
