// Asks Microsoft's language service about KQL texts. Reads one JSON document from standard input,
// {"tables": {name: "(a:long, ...)"}, "parseOnly": bool, "texts": [...]}, and writes one JSON line for each text:
// the errors that the parser has, those of its analysis, and the columns of the result where it is a table.
// A line is null where the language service fails inside of itself.
"use strict";
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");

const { GlobalState, KustoCode, Symbols } = Kusto.Language;

function readGlobals(tables) {
  const symbols = Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, columns, null));
  const members = System.Array.init(symbols, Symbols.Symbol);
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor3("db", null, members, false));
}

function readErrors(diagnostics) {
  return Bridge.toArray(diagnostics)
    .filter((found) => found.Severity === "Error")
    .map((found) => [found.Code, found.Start, found.Message]);
}

function readColumns(result) {
  if (!result || !result.Columns || result.IsOpen) return null;
  return Bridge.toArray(result.Columns).map((column) => [column.Name, column.Type.Name]);
}

function describe(text, globals, parseOnly) {
  const code = parseOnly ? KustoCode.Parse(text, globals) : KustoCode.ParseAndAnalyze(text, globals);
  const syntax = readErrors(code.GetSyntaxDiagnostics());
  if (parseOnly) return { syntax, meaning: [], columns: null };
  const known = new Set(syntax.map(String));
  const meaning = readErrors(code.GetDiagnostics()).filter((found) => !known.has(String(found)));
  return { syntax, meaning, columns: readColumns(code.ResultType) };
}

function describeIfPossible(text, globals, parseOnly) {
  try {
    return describe(text, globals, parseOnly);
  } catch {
    return null;
  }
}

const request = JSON.parse(require("fs").readFileSync(0, "utf8"));
const globals = readGlobals(request.tables);
for (const text of request.texts) {
  process.stdout.write(JSON.stringify(describeIfPossible(text, globals, request.parseOnly)) + "\n");
}
