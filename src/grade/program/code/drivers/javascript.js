// Runs a program and says whether it came to its end. What it says goes through a channel that the program is not
// told of, and the word that says "passed" is read only after the program is through.
(() => {
  const fs = require("fs");
  const { readSync, writeSync } = fs;
  const exit = process.reallyExit.bind(process);
  const stringify = JSON.stringify;
  const input = Number(process.env.BENCH_IN);
  const output = Number(process.env.BENCH_OUT);
  delete process.env.BENCH_IN;
  delete process.env.BENCH_OUT;

  const take = (size) => {
    const data = Buffer.alloc(size);
    let at = 0;
    while (at < size) {
      const read = readSync(input, data, at, size - at, null);
      if (read === 0) exit(1);
      at += read;
    }
    return data;
  };
  const line = () => {
    let text = "";
    while (!text.endsWith("\n")) text += take(1).toString("latin1");
    return text;
  };
  const shorten = (text) => (text.length <= 300 ? text : text.slice(0, 300) + "...");

  const source = take(Number(line())).toString("utf8");
  const lines = source.split("\n");
  const fail = (error) => {
    let said = "an error";
    let where = "";
    try {
      said = shorten(String(error));
      const stack = String(error && error.stack);
      const at = /program\.js:(\d+)/.exec(stack);
      // The first line is that of the function around the program.
      const text = at && lines[Number(at[1]) - 1];
      if (text) where = " at `" + shorten(text.trim()) + "`";
    } catch {}
    writeSync(output, "fail " + stringify(said + where) + "\n");
    exit(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const vm = require("vm");
  const names = ["require", "module", "exports"];
  const module = { exports: {} };
  let run;
  try {
    const script = "(async function (" + names.join(", ") + ") { " + source + "\n})";
    run = vm.runInThisContext(script, { filename: "program.js" });
  } catch (error) {
    fail(error);
  }
  run.call(module.exports, require, module, module.exports).then(() => {
    writeSync(output, "done " + line());
    exit(0);
  }, fail);
})();
