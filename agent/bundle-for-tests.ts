import ts from "typescript";

/** What a program can reach, read from its text: every way out of the language itself is one of these. */
export interface Reach {
  /** `module: name`; a name of another form than `import { name }` as it is written. */
  imports: string[];
  /** Calls of a `require`, with their argument as it is written, and what is used of the result. */
  loaded: string[];
  /** Names that are declared nowhere, so that they are the platform's. */
  globals: string[];
  /** What is used of `process`. */
  ofProcess: string[];
  /** Every call of a function of `node:fs` that can write, as `function it stands in: call(first argument`. */
  writes: string[];
  /** Dynamic imports, and words that reach code, modules or sockets by another way. */
  oddities: string[];
}

const WRITING = /^(write|append|mk|rm|rename|unlink|link|symlink|copy|cp$|truncate|ch|open|create|ftruncate|utimes)/;
/** Were one of these declared anywhere, its use elsewhere would not show among the globals. */
const NEVER_DECLARED = /^(eval|Function|fetch|require|global|globalThis|WebAssembly|WebSocket|EventSource|process)$/;
const ODD = /^(constructor|__proto__|createServer|listen|_load|getBuiltinModule|mainModule|runInThisContext)$/;

export function reachOf(text: string): Reach {
  const file = ts.createSourceFile("bundle.mjs", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const declared = new Set<string>();
  const modules = new Map<string, string>();
  const reach: Record<keyof Reach, Set<string>> = {
    imports: new Set(),
    loaded: new Set(),
    globals: new Set(),
    ofProcess: new Set(),
    writes: new Set(),
    oddities: new Set(),
  };
  const requires = new Set<string>(["require"]);
  const results = new Set<string>();

  walk(file, (node) => {
    if (ts.isImportDeclaration(node)) {
      const from = (node.moduleSpecifier as ts.StringLiteral).text;
      const bindings = node.importClause?.namedBindings;
      const named = bindings && ts.isNamedImports(bindings) && !node.importClause.name ? bindings.elements : undefined;
      if (!named) reach.imports.add(`${from}: ${node.importClause?.getText() ?? ""}`);
      for (const { name, propertyName } of named ?? []) {
        reach.imports.add(`${from}: ${(propertyName ?? name).text}`);
        modules.set(name.text, `${from}: ${(propertyName ?? name).text}`);
      }
    }
    const name = (node as { name?: ts.Node }).name;
    if (name && ts.isIdentifier(name) && isDeclaration(node)) {
      declared.add(name.text);
      if (NEVER_DECLARED.test(name.text)) reach.oddities.add(name.text);
      const value = ts.isVariableDeclaration(node) ? node.initializer : undefined;
      const words = value?.getText() ?? "";
      if (value && ts.isCallExpression(value) && words.startsWith("createRequire")) requires.add(name.text);
      else if (
        [...requires].some((word) => new RegExp(`\\b${word}\\(`).test(words)) &&
        value &&
        !ts.isFunctionLike(value)
      )
        results.add(name.text);
    }
  });

  walk(file, (node) => {
    if (node.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(node.parent)) reach.oddities.add("import()");
    if (ts.isStringLiteralLike(node) && ts.isElementAccessExpression(node.parent) && ODD.test(node.text))
      reach.oddities.add(node.text);
    if (!ts.isIdentifier(node)) return;
    const { text: word, parent } = node;
    const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
    if (isMember && ODD.test(word)) reach.oddities.add(word);
    if (isMember || isKey(node)) return;
    if (!declared.has(word)) reach.globals.add(word);
    const use = ts.isPropertyAccessExpression(parent) ? parent.name.text : parent.getText();
    if (word === "process") reach.ofProcess.add(use);
    if (isDeclaration(parent) && (parent as { name?: ts.Node }).name === node) return;
    if (requires.has(word)) reach.loaded.add(ts.isCallExpression(parent) ? argumentsOf(parent) : parent.getText());
    if (results.has(word)) reach.loaded.add(`.${use}`);
    const isMaker = modules.get(word) === "node:module: createRequire" && !ts.isImportSpecifier(parent);
    if (isMaker && !ts.isVariableDeclaration(parent.parent)) reach.loaded.add(parent.parent.getText());
    const [from, original] = modules.get(word)?.split(": ") ?? [];
    if (from?.startsWith("node:fs") && WRITING.test(original!) && !ts.isImportSpecifier(parent)) {
      const words = ts.isCallExpression(parent) ? parent.arguments : [parent];
      const shown = words.filter((argument, index) => index === 0 || ts.isStringLiteral(argument));
      // Without the number a bundler gives to a name it met before, here as in the place.
      const call = shown.map((argument) => argument.getText().replace(/\b([a-z]+)\d+\(/gi, "$1(")).join(", ");
      reach.writes.add(`${placeOf(node)}: ${original}(${call}`);
    }
  });
  const sorted = Object.entries(reach).map(([key, words]) => [key, [...words].sort()]);
  return Object.fromEntries(sorted) as unknown as Reach;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function isDeclaration(node: ts.Node): boolean {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isFunctionLike(node) ||
    ts.isClassLike(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isImportSpecifier(node) ||
    ts.isImportClause(node) ||
    ts.isNamespaceImport(node)
  );
}

/** A key, not a name that stands for something. */
function isKey(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent)) return parent.propertyName === node;
  if (ts.isMetaProperty(parent) || ts.isBreakOrContinueStatement(parent) || ts.isLabeledStatement(parent)) return true;
  const isNamed = ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent);
  return (isNamed || ts.isAccessor(parent)) && parent.name === node;
}

function argumentsOf(call: ts.CallExpression): string {
  return call.arguments.map((argument) => argument.getText()).join(", ");
}

/** The outermost function it stands in, without the number a bundler gives to a name it met before. */
function placeOf(node: ts.Node): string {
  let place = "the file";
  for (let outer = node.parent; outer; outer = outer.parent)
    if (ts.isFunctionDeclaration(outer) && outer.name) place = outer.name.text.replace(/\d+$/, "");
  return place;
}
