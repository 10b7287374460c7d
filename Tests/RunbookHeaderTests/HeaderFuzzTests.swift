import LuaRuntime
import PrimitiveKit
import RunbookHeader
import Testing

struct HeaderFuzzTests {
  private static let keys =
    RunbookHeader.fields + [
      "1", "2", "name", "type", "default", "choices", "completion", "help", "required", "min", "max", "pattern",
      "scope",
      "mode", "value", "text", "opsh", "plugins", "retries", "", "x y", "\n",
    ]
  private static let texts = [
    "", "1.0.0", "hosts", "list of hosts", "list", "changes", "2026-11-02", "host/{a}", "{", "}", "{}", "fleet",
    "count",
    "(", "a", "%d", ">=1", "95%", "\u{0}", "é", "[a-z]+", "{a}", "stop", "10s",
  ]

  private func value(_ random: inout SplitMix64, depth: Int) -> Value {
    switch random.next() % (depth > 4 ? 6 : 9) {
    case 0: .null
    case 1: .bool(random.next() % 2 == 0)
    case 2: .int(Int(truncatingIfNeeded: random.next()) >> Int(random.next() % 64))
    case 3: .number([0, -1, 0.5, .infinity, .nan, 1e300, 95][Int(random.next() % 7)])
    case 4: .bytes([0xFF, 0])
    case 5, 6: .string(Self.texts[Int(random.next() % UInt64(Self.texts.count))])
    case 7: .array((0..<(random.next() % 4)).map { _ in value(&random, depth: depth + 1) })
    default: table(&random, depth: depth)
    }
  }

  private func table(_ random: inout SplitMix64, depth: Int) -> Value {
    var fields: [String: Value] = [:]
    for _ in 0..<(random.next() % 8) {
      fields[Self.keys[Int(random.next() % UInt64(Self.keys.count))]] = value(&random, depth: depth + 1)
    }
    return .table(fields)
  }

  /// A list of parameters that is mostly right.
  private func parameters(_ random: inout SplitMix64) -> Value {
    .array(
      (0..<(random.next() % 4)).map { index in
        guard case .table(var fields) = table(&random, depth: 3) else { return .null }
        fields = fields.filter { _ in random.next() % 4 == 0 }
        fields["1"] = .string("a\(index)")
        fields["type"] = .string(ParameterType.Kind.allCases.map(\.rawValue)[random.next(through: 11)])
        return .table(fields)
      }
    )
  }

  @Test func `no value breaks the reading of a header, and what is accepted can be used`() {
    var random = SplitMix64(seed: 3)
    var accepted = 0
    var bound = 0
    for _ in 0..<5_000 {
      var value = random.next() % 20 == 0 ? value(&random, depth: 0) : table(&random, depth: 0)
      if case .table(var fields) = value, random.next() % 2 == 0 {
        fields["params"] = parameters(&random)
        value = .table(fields)
      }
      let (header, problems) = RunbookHeader.read(.value(value), file: "a.lua", source: "return {}")
      #expect(problems.allSatisfy { !$0.message.isEmpty && $0.place?.line == 1 })
      // Nothing that is no function counts as one, so no such header is complete.
      #expect(!problems.isEmpty && !header.hasRun)
      accepted += header.params.count
      let parameters = RunbookParameters(header, path: "a.lua")
      #expect(!RunbookHelp.text(header, path: "a.lua").isEmpty)
      var given: [String: RunbookParameters.Given] = [:]
      for parameter in header.params {
        given[parameter.name] = random.next() % 2 == 0 ? .value(self.value(&random, depth: 3)) : .text("web1")
      }
      guard let arguments = try? parameters.bind(given) else { continue }
      bound += 1
      for lock in header.locks { _ = try? lock.scopes(for: arguments) }
    }
    #expect(accepted > 2000 && bound > 500)
  }
}
