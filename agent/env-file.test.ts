import { describe, expect, it } from "vitest";
import { parseEnvFile } from "./env-file.ts";

describe("the settings file", () => {
  it("takes what systemd takes: comments, blanks, bare and quoted values", () => {
    const text = `# comment\n; another\n\nA=1\nB = two words \nC="say \\"hi\\" \\$x"\nD='as is \\n'\nexport E=5\r\nF=a=b\nG=\n`;
    expect(parseEnvFile(text)).toEqual({
      A: "1",
      B: "two words",
      C: 'say "hi" $x',
      D: "as is \\n",
      E: "5",
      F: "a=b",
      G: "",
    });
  });

  it("names the line that is not a setting, without repeating it: it may be the token", () => {
    expect(() => parseEnvFile("A=1\nnep_secret\n")).toThrow("line 2 is not KEY=value");
  });
});
