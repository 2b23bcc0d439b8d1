// What all other files of this folder rely on: a page that complains is noticed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest({ pictures: false });

const complaints = {
  'an error on the console': [/something is wrong/, () => console.error('something is wrong')],
  'an exception that is not caught': [/nothing catches this/, () => {
    setTimeout(() => { throw new Error('nothing catches this'); });
  }],
  'a promise that fails': [/nothing waits for this/, () => {
    void Promise.reject(new Error('nothing waits for this'));
  }],
  'a style that the policy refuses': [/CSP: style-src/, () => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: 'a {}' }));
  }],
  'a picture of another server': [/CSP: img-src/, () => {
    new Image().src = 'https://example.com/x.png';
  }],
  'a text as HTML': [/CSP: require-trusted-types-for/, () => {
    try { document.body.innerHTML = '<p>'; } catch { /* it is refused */ }
  }],
  'a request to another server': [/CSP: connect-src/, () => {
    fetch('https://example.com/').catch(() => {});
  }],
  'a request that fails': [/404 .*nothing-here/, () => { void fetch('/api/nothing-here'); }],
};

for (const [name, [pattern, cause]] of Object.entries(complaints)) {
  test(`${name} is a complaint`, async (t) => {
    const { sit } = play(t);
    const at = await sit(null);
    await at.go('/');
    await at.isOut();
    assert.deepEqual(at.seat.complaints, []);
    await at.page.evaluate(cause);
    await eventually(() => at.seat.complaints.some((one) => pattern.test(one)), 'it is noticed');
    at.seat.forgive(/./);
    at.seat.complaints.length = 0;
  });
}
