import PrimitiveKit
import RunbookLint
import Testing

struct VersionsTests {
  private static func book(_ version: String, _ note: String = "") -> String {
    Lint.runbook(run: note).replacing("1.0.0", with: version)
  }

  private static func line(_ name: String, _ version: String, _ text: String) -> String {
    "\(name) \(version) \(SHA256(hashing: text.utf8).hex)\n"
  }

  private func texts(_ report: LintReport) -> [String] { report.findings.map(\.text) }

  @Test func `a folder without VERSIONS is warned about, and fix writes it`() async throws {
    let lint = Lint(["books/b.lua": Self.book("1.0.0"), "books/a.lua": Self.book("2.0.0"), "books/s.lua": "print(1)"])
    let report = try await lint.run(["books"])
    #expect(report.files == 3)
    #expect(report.findings.map(\.rule) == [.versionUnlisted, .versionUnlisted])
    #expect(report.errors == 0 && report.warnings == 2)
    let fixed = try await lint.run(["books/b.lua", "--fix", "books/a.lua"])
    #expect(fixed.findings.isEmpty)
    #expect(fixed.notes == ["books/VERSIONS: b 1.0.0", "books/VERSIONS: a 2.0.0"])
    let text = Self.line("a", "2.0.0", Self.book("2.0.0")) + Self.line("b", "1.0.0", Self.book("1.0.0"))
    #expect(lint.files["books/VERSIONS"] == text)
    #expect(try await lint.run(["books"]).findings.isEmpty)
    #expect(try await lint.run(["books", "--fix"]).notes.isEmpty)
  }

  @Test func `a changed runbook needs a greater version, and fix does not get around it`() async throws {
    let versions = Self.line("a", "1.0.0", Self.book("1.0.0"))
    let lint = Lint(["a.lua": Self.book("1.0.0", "job:note('new')"), "VERSIONS": versions])
    for words in [["a.lua"], ["a.lua", "--fix"]] {
      let report = try await lint.run(words)
      #expect(
        texts(report) == [
          """
          a.lua:3:3: error: a changed, but its version is still 1.0.0 (version-unchanged)
              raise `version`, then run `opsh lint --fix` again
          """
        ]
      )
      #expect(lint.files["VERSIONS"] == versions)
    }
    lint.files["a.lua"] = Self.book("1.0.1", "job:note('new')")
    #expect(try await lint.run(["a.lua"]).findings.map(\.message) == ["VERSIONS lists a 1.0.0, but this is 1.0.1"])
    #expect(try await lint.run(["a.lua", "--fix"]).notes == ["VERSIONS: a 1.0.1"])
    #expect(lint.files["VERSIONS"] == Self.line("a", "1.0.1", Self.book("1.0.1", "job:note('new')")))
  }

  @Test func `a version that fell is refused`() async throws {
    let lint = Lint(["a.lua": Self.book("1.0.0"), "VERSIONS": Self.line("a", "1.0.1", "x")])
    let report = try await lint.run(["a.lua", "--fix"])
    #expect(report.findings.map(\.rule) == [.versionUnchanged])
    #expect(report.findings.first?.message == "a has version 1.0.0, but 1.0.1 is listed")
    #expect(lint.files["VERSIONS"] == Self.line("a", "1.0.1", "x"))
  }

  @Test func `a runbook that VERSIONS does not list is an error`() async throws {
    let others = Self.line("z", "1.0.0", "z")
    let lint = Lint(["a.lua": Self.book("1.0.0"), "VERSIONS": others])
    #expect(try await lint.run(["a.lua"]).findings.map(\.severity) == [.error])
    _ = try await lint.run(["a.lua", "--fix"])
    #expect(lint.files["VERSIONS"] == Self.line("a", "1.0.0", Self.book("1.0.0")) + others)
  }

  @Test(arguments: [
    ("x", 1, "this is not a line of VERSIONS"), ("<<<<<<< HEAD\n", 1, "this is not a line of VERSIONS"),
    (line("b", "1.0.0", "") + line("a", "1.0.0", ""), 2, "'a' comes after 'b'"),
    (line("a", "1.0.0", "") + line("a", "1.0.1", ""), 2, "'a' is listed twice"),
    (line("a", "1.0", ""), 1, "this is not a line of VERSIONS"), ("a 1.0.0 00\n", 1, "this is not a line of VERSIONS"),
    ("a  1.0.0 " + String(repeating: "0", count: 64), 1, "this is not a line of VERSIONS"),
  ])
  func `a broken VERSIONS is named once and never overwritten`(text: String, line: Int, message: String) async throws {
    let lint = Lint(["a.lua": Self.book("1.0.0"), "b.lua": Self.book("1.0.0"), "VERSIONS": text])
    let report = try await lint.run(["a.lua", "b.lua", "--fix"])
    #expect(report.findings.map(\.rule) == [.versionsFile])
    #expect(report.findings.first?.place == SourcePlace(file: "VERSIONS", line: line))
    #expect(report.findings.first?.message == message)
    #expect(lint.files["VERSIONS"] == text)
  }

  @Test func `a VERSIONS that cannot be written is an error`() async throws {
    let report = try await Lint(["a.lua": Self.book("1.0.0")], isReadOnly: true).run(["a.lua", "--fix"])
    #expect(texts(report) == ["VERSIONS:1:1: error: VERSIONS cannot be written (versions-file)"])
    #expect(report.notes.isEmpty)
  }

  @Test func `a runbook whose header is wrong gets no line`() async throws {
    let lint = Lint(["a.lua": Self.book("one"), "b.lua": Lint.runbook("x = 1,")])
    #expect(try await lint.run(["a.lua", "b.lua", "--fix"]).notes.isEmpty)
    #expect(lint.files["VERSIONS"] == nil)
  }

  @Test func `two spellings of a path are one file`() async throws {
    let lint = Lint(["a.lua": Self.book("1.0.0"), "./b.lua": Self.book("1.0.0"), "./a.lua": "never read"])
    let report = try await lint.run(["a.lua", "./b.lua", "./a.lua", "--fix"])
    #expect(report.files == 2)
    #expect(lint.files["VERSIONS"]?.split(separator: "\n").map { $0.first } == ["a", "b"])
  }

  @Test func `a runbook with other errors gets its line when they are gone`() async throws {
    let lint = Lint(["a.lua": Self.book("1.0.0", "count = 1")])
    #expect(try await lint.run(["a.lua", "--fix"]).findings.map(\.rule) == [.versionUnlisted, .globalWrite])
    #expect(lint.files["VERSIONS"] == nil)
  }

  @Test func `the line of an error survives a long path`() async throws {
    let path = String(repeating: "long/", count: 30) + "a.lua"
    let report = try await Lint([path: Lint.runbook(before: "\nerror('no')")]).run([path])
    #expect(report.findings.map(\.text) == ["\(path):2:1: error: loading failed: no (load)"])
  }
}
