// A browser, pages that remember everything that should not have happened, and a list of checks.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const checks = [];
let browser;

/** check(NAME, FUNCTION): the function gets `open`, which opens pages that are closed after it. */
export const check = (name, run) => checks.push({ name, run });

/**
 * open(URL, OPTIONS): a page, with what went wrong in page.faults. Options are those of a browser context: viewport, colorScheme,
 * javaScriptEnabled and so on.
 */
const opener = contexts => async (url, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.faults = [];
  page.requests = [];
  page.on('console', message => ['error', 'warning'].includes(message.type()) && page.faults.push(`console: ${message.text()}`));
  page.on('pageerror', error => page.faults.push(`script: ${error.message}`));
  page.on('dialog', dialog => page.faults.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  page.on('requestfailed', request => page.faults.push(`failed: ${request.url()}`));
  page.on('request', request => {
    page.requests.push(request.url());
    if (!request.url().startsWith('file:')) page.faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return page;
};

const perform = async ({ name, run }) => {
  const contexts = [];
  try {
    await run(opener(contexts));
    for (const context of contexts)
      for (const page of context.pages()) assert.deepEqual(page.faults, []);
    console.log(`ok browser ${name}`);
  } catch (error) {
    console.log(`not ok browser ${name}\n  ${String(error.stack).replaceAll('\n', '\n  ')}`);
    process.exitCode = 1;
  }
  await Promise.all(contexts.map(context => context.close()));
};

/** Runs them all, one after the other. Where the sandbox is unavailable, as in most containers, Chromium runs without it. */
export const runAll = async executablePath => {
  browser = await chromium.launch({ executablePath, args: ['--disable-gpu', '--disable-dev-shm-usage'] });
  try {
    for (const one of checks) await perform(one);
  } finally {
    await browser.close();
  }
};
