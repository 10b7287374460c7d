package import Foundations
package import LuaRuntime
import LuaSyntax
package import PrimitiveKit
import RunbookHeader

/// Looks for mistakes in runbooks and scripts; runs nothing of them but the header, and no primitive at all.
package struct RunbookLint: Sendable {
  /// Runs luacheck on a text that it gets on standard input, and answers its output; nil where it is not installed.
  package typealias LuacheckProgram = @Sendable (_ text: String, _ path: String) async -> String?

  private let engine: LuaEngine
  private let primitives: [String: PrimitiveInfo]
  private let today: CalendarDate
  private let files: any LintFiles
  private let luacheck: LuacheckProgram?
  private let refusal: Refusal?

  /// Why the code of a plugin may not call a primitive; nil when it may.
  package typealias Refusal = @Sendable (PrimitiveInfo) -> CallFailure?

  /// `engine` has every primitive of the catalog bound; `today` is the day that reviews are compared with.
  package init(
    engine: LuaEngine,
    catalog: [PrimitiveInfo],
    today: CalendarDate,
    files: any LintFiles = SystemFiles(),
    luacheck: LuacheckProgram? = nil,
    refusal: Refusal? = nil
  ) {
    self.engine = engine
    primitives = Dictionary(catalog.map { ($0.name, $0) }) { first, _ in first }
    self.today = today
    self.files = files
    self.luacheck = luacheck
    self.refusal = refusal
  }

  /// Looks at everything that the options name.
  package func run(_ options: LintOptions) async -> LintReport {
    let globals = await LintGlobals(engine)
    var findings: [LintFinding] = []
    var versions = VersionChecks(files: files, fixes: options.fixes)
    var seen: Set<String> = []
    let paths = options.paths.flatMap(expand).filter { seen.insert(VersionChecks.key($0)).inserted }
    for path in paths {
      do throws(LintProblem) {
        let context = try await context(path, globals)
        findings += context.findings
        // A line for a runbook that cannot be read would only hide that.
        guard context.tree != nil, let header = context.header, !context.findings.contains(where: Self.isHeader) else {
          continue
        }
        let place = context.place(ofField: "version")
        let isClean = !context.findings.contains { $0.severity == .error }
        versions.check(path, context.text.source, header.version, at: place, mayFix: isClean)
      } catch {
        findings.append(error.finding)
      }
    }
    versions.finish()
    return LintReport(findings + versions.findings, files: paths.count, notes: versions.notes)
  }

  private static func isHeader(_ finding: LintFinding) -> Bool {
    [.load, .headerMissing, .headerUnknown, .headerWrong].contains(finding.rule)
  }

  private func expand(_ path: String) -> [String] {
    guard let names = files.names(in: path) else { return [path] }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return names.filter { $0.hasSuffix(".lua") && !$0.hasPrefix(".") }.sorted().map { folder + $0 }
  }

  private func context(_ path: String, _ globals: LintGlobals) async throws(LintProblem) -> LintContext {
    let text = try LintText(path: path, source: try source(path))
    let bindings = LuaBindings(text.block)
    let isRunbook = RunbookTree(text.block, bindings)?.resemblesRunbook ?? false
    var loaded: (header: RunbookHeader?, findings: [LintFinding], problems: [HeaderProblem]) = (nil, [], [])
    if isRunbook { loaded = await load(text) }
    let context = LintContext(
      text,
      isRunbook: isRunbook,
      header: loaded.header,
      primitives: primitives,
      globals: globals,
      today: today,
      refusal: refusal
    )
    for finding in loaded.findings { context.add(finding) }
    context.add(loaded.problems)
    context.checkAll()
    if let output = await luacheck?(text.withFirstLine, path) {
      for finding in Luacheck.findings(output, path: path) { context.add(finding) }
    }
    return context
  }

  private func source(_ path: String) throws(LintProblem) -> String {
    func problem(_ message: String, _ hint: String?) -> LintProblem {
      LintProblem(LintFinding(.unreadable, at: SourcePlace(file: path, line: 1), message, hint: hint))
    }
    let bytes: [UInt8]?
    do throws(CallFailure) {
      bytes = try files.read(path)
    } catch {
      throw problem(error.message, error.hint)
    }
    guard let bytes else { throw problem("no such file", "check the path") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem("the file is not UTF-8 text", "convert it with `iconv`")
    }
    return text
  }

  /// Runs the file, which may call no primitive, and reads its header.
  private func load(_ text: LintText) async -> (RunbookHeader?, [LintFinding], [HeaderProblem]) {
    // Lua cuts the name of a chunk that is longer than 59 bytes.
    let file = text.path.split(separator: "/").last.map(String.init) ?? text.path
    let chunk = file.utf8.count < 50 ? file : "the file"
    do throws(CallFailure) {
      let module = try await RunbookFile.evaluate(text.source, path: chunk, engine: engine)
      let (header, problems) = RunbookHeader.read(module, file: text.path, source: text.rewritten)
      return (header, [], problems)
    } catch {
      let (line, message) = LintText.split(error.message, chunk)
      let traced = error.trace.lazy.compactMap { Int($0.dropFirst(chunk.count + 1)) }.first
      let place = SourcePlace(file: text.path, line: line > 1 ? line : traced ?? line)
      return (nil, [LintFinding(.load, at: place, "loading failed: \(message)", hint: error.hint)], [])
    }
  }
}
