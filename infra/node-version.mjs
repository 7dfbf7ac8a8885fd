// Loaded before app.ts, and plain JavaScript: an older Node would say no more than "unknown file extension".
if (!process.features.typescript) {
  throw new Error(
    `Amity's CDK app runs on a Node that reads TypeScript (24), and this is ${process.version}. The project ` +
      'brings the right one: use its npm scripts, or npx cdk … in its folder after npm ci.',
  );
}
