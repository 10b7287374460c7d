import PrimitiveKit
import RunbookLint
import Testing

struct LintFuzzTests {
  private static let pieces = [
    "local ", "x", "y", " = ", "function", " f", "(", ")", "{", "}", " end ", "return ", "job", ":step", "'a'", ",",
    ".", "params", "fleet", "fleet.exec", "..", "if ", " then ", "for ", " in ", " do ", "while ", "version = '1.0.0'",
    "run = ", "function(job, params) ", "cmd = ", "\n", "<", ">", "[", "]", "#", "1", "local x = x .. x\n", "pairs(x)",
  ]

  @Test func `no text breaks lint`() async throws {
    var random = SplitMix64(seed: 7)
    for round in 0..<40 {
      var files: [String: String] = [:]
      for number in 0..<50 {
        var text = round % 2 == 0 ? "" : "return { owner = 'x', run = function(job, params) "
        for _ in 0..<random.next(through: 30) { text += Self.pieces[random.next(through: Self.pieces.count - 1)] }
        if round % 2 == 1 { text += " end }" }
        files["f/\(number).lua"] = text
      }
      let report = try await Lint(files).run(["f", "--strict"])
      #expect(report.findings.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 && !$0.message.isEmpty })
    }
  }

  @Test(.timeLimit(.minutes(1))) func `names that double with every line are followed once`() async throws {
    var text = "local x0 = args.y\n"
    for number in 1..<150 { text += "local x\(number) = x\(number - 1) .. x\(number - 1)\n" }
    let findings = try await Lint.findings(text + "fleet.exec('a', x149)\n")
    #expect(findings.map(\.rule) == [.shellQuoting])
  }
}
