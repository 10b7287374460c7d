import RunbookHeader
import Testing

struct RecognitionTests {
  @Test(arguments: [
    Sample.deploy,
    "return { version = '1.0.0', run = function() end }",
    "return { run = 1, version = 2 };",
    "#!/usr/bin/env opsh\nlocal x <const> = f<a=1>\nreturn { version = '1', run = x } -- done",
    "local book = { version = '1.0.0' }\nfunction book.run(job) return { a = 1 } end\nreturn book",
    "local book = {}\nbook.version = '1.0.0'\nbook.run = function() end\nreturn book",
    "local run = function() end\nreturn { version = '1.0.0', run = run }",
    "if x then f { a = 1 } end\nwhile true do break end\nfor i = 1, 2 do end\nrepeat until true\nreturn { version = 1, run = 2 }",
  ])
  func `a file that returns a table with version and run is a runbook`(text: String) {
    #expect(RunbookFile.isRunbook(text))
  }

  @Test(arguments: [
    "", "return", "return 5", "print 'version run'", "return { version = '1.0.0' }", "return { run = 1 }",
    "return { inner = { version = 1, run = 2 } }", "local t = { version = 1, run = 2 }\nprint(t)",
    "do return { version = 1, run = 2 } end", "if x then return { version = 1, run = 2 } end",
    "return f { version = 1, run = 2 }", "return { version = 1, run = 2 }.run", "return { version = 1, run = 2",
    "-- return { version = 1, run = 2 }", "x = [[ return { version = 1, run = 2 } ]]",
    "local f = function() return { version = 1, run = 2 } end\nreturn f()",
    "local t = {}\nt.version = 1\nprint(t.run)\nreturn t", "return setmetatable({ version = 1, run = 2 }, {})",
    "return { version = 1, run = 2 }, 5", "fleet.deploy<target='all'>",
  ])
  func `any other file is a script`(text: String) {
    #expect(!RunbookFile.isRunbook(text))
  }
}
