import Foundations
import LuaRuntime
import PrimitiveKit
import RunbookLint
import Synchronization

/// Hosts as the fleet's primitives take them.
private struct SelectedHosts: ValueConvertible {
  static let luaType = "string|set"
  let value: Value

  init(_ value: Value) throws(ConversionError) { self.value = value }
}

/// A lint over primitives that count how often they are called, which must be never.
struct Lint {
  static let today = CalendarDate("2026-11-21") ?? CalendarDate(days: 0)
  let files: MemoryFiles
  let calls = Counter()
  var luacheck: RunbookLint.LuacheckProgram?

  final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
  }

  init(_ files: [String: String], isReadOnly: Bool = false) { self.files = MemoryFiles(files, isReadOnly: isReadOnly) }

  private func primitive(_ name: String, _ effect: Effect) -> Primitive {
    Primitive(
      name,
      "Does it.",
      effect: effect,
      Parameter<String>("on", "Which"),
      Parameter<Value>("cmd", default: .null, "What"),
      Parameter<Duration>("timeout", default: .seconds(30), "How long"),
      returns: "Something",
      examples: []
    ) { [calls] _, _, _ -> String in
      calls.add()
      return ""
    }
  }

  private var catalog: [Primitive] {
    [
      Primitive(
        "fleet.put",
        "Puts a file.",
        effect: .changes,
        Parameter<SelectedHosts>("on", "Which hosts"),
        returns: "Something",
        examples: []
      ) { [calls] _ -> String in
        calls.add()
        return ""
      },
      primitive("fleet.query", .reads), primitive("fleet.exec", .changes), primitive("fleet.deploy", .changes),
      primitive("strategy.flatten", .trades), primitive("secret.mint", .administers),
      Primitive("fleet.hosts", "Lists.", effect: .reads, returns: "Names", examples: []) { [calls] () -> [String] in
        calls.add()
        return []
      },
    ]
  }

  func run(_ words: [String]) async throws -> LintReport {
    let catalog = try Catalog(catalog)
    let lint = RunbookLint(
      engine: try LuaEngine(catalog: catalog),
      catalog: catalog.infos,
      today: Self.today,
      files: files,
      luacheck: luacheck
    )
    let paths = words.filter { !$0.hasPrefix("--") }
    return await lint.run(LintOptions(paths, fixes: words.contains("--fix"), isStrict: words.contains("--strict")))
  }

  /// What is found in one text, without the remark that there is no VERSIONS.
  static func findings(_ text: String, path: String = "a.lua") async throws -> [LintFinding] {
    let lint = Lint([path: text])
    let findings = try await lint.run([path]).findings.filter { $0.rule != .versionUnlisted }
    guard lint.calls.value == 0 else { throw CallFailure(.failed, code: "test", message: "a primitive was called") }
    return findings
  }

  /// A clean runbook with more fields and with these bodies.
  static func runbook(
    _ fields: String = "",
    check: String = "",
    run: String = "",
    before: String = ""
  ) -> String {
    """
    \(before)
    return {
      version = "1.0.0", summary = "Does it", owner = "ops", updated = "2026-11-01", review_after = 90,
      \(fields)
      check = function(job, params)
        \(check)
      end,
      run = function(job, params, plan)
        \(run)
      end,
    }
    """
  }
}
