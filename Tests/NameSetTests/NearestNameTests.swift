import PrimitiveKit
import Testing

struct NearestNameTests {
  private static let verbs = [
    "deploy", "drift", "exec", "hosts", "plan", "put", "query", "restart", "start", "status", "stop",
  ]

  @Test(arguments: [
    ("deplyo", ["deploy"]), ("DEPLOY", ["deploy"]), ("dep", ["deploy"]), ("sttart", ["start"]),
    ("qurey", ["query"]), ("hots", ["hosts"]), ("zzzzzz", []), ("", []), ("pot", ["put"]),
  ])
  func `a mistyped name finds what was meant`(typed: String, names: [String]) {
    #expect(NearestName.nearest(to: typed, in: Self.verbs) == names)
  }

  @Test func `the closest comes first and equals are alphabetical`() {
    #expect(
      NearestName.nearest(to: "web1", in: ["web3", "web2", "web1", "web10", "db1"]) == ["web1", "web10", "web2"]
    )
  }

  @Test func `the question joins its names`() {
    #expect(NearestName.question(for: "web4", in: ["web3", "web2"]) == "did you mean 'web2' or 'web3'?")
    #expect(NearestName.question(for: "deplyo", in: Self.verbs) == "did you mean 'deploy'?")
    #expect(NearestName.question(for: "deplyo", in: []) == nil)
  }
}
