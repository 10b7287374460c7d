import Foundation
import PrimitiveKit
import Testing

struct OperationTargetTests {
  @Test(arguments: [
    (OperationTarget.host("web1"), "web1", "web1", ["host/web1"]),
    (.bots(["bot1", "bot2"], host: "web1"), "bot1,bot2 on web1", "web1", ["host/web1"]),
    (.file("etc/a on b", host: "web1"), "etc/a on b on web1", "web1", ["host/web1"]),
    (.database("rocky"), "database rocky", "database rocky", ["database/rocky"]),
    (.database("rocky", part: "accounts"), "accounts on database rocky", "database rocky", ["database/rocky"]),
    (.endpoint("engine"), "endpoint engine", "endpoint engine", ["endpoint/engine"]),
  ]) func `a target says what it is and what must be held`(
    _ target: OperationTarget,
    _ description: String,
    _ subject: String,
    _ scopes: [String]
  ) throws {
    #expect("\(target)" == description)
    #expect(target.subject == subject)
    #expect(target.scopes.map(\.description) == scopes)
    #expect(target.scopes.allSatisfy { $0.mode == .exclusive })
    let coding = OperationCoding()
    #expect(try coding.decode(OperationTarget.self, from: try coding.encode(target)) == target)
  }

  // Written by opsh 0.1.0 into the column `target`.
  @Test(arguments: [
    (#"{"host":{"_0":"web1"}}"#, OperationTarget.host("web1")),
    (#"{"bots":{"_0":["bot1","bot2"],"host":"web1"}}"#, .bots(["bot1", "bot2"], host: "web1")),
    (#"{"file":{"_0":"motd","host":"web1"}}"#, .file("motd", host: "web1")),
    (#""bot1,bot2 on web1""#, .bots(["bot1", "bot2"], host: "web1")), (#""web1""#, .host("web1")),
  ]) func `a target of a journal or plan of the first form is read`(_ text: String, _ target: OperationTarget) throws {
    #expect(try OperationCoding().decode(OperationTarget.self, from: text) == target)
  }

  @Test func `a stored operation of the first form is on a host`() throws {
    let text = #"{"host":"web1","kind":"bots.swap","summary":"swap","text":"{}"}"#
    let stored = try OperationCoding().decode(StoredOperation.self, from: text)
    #expect(stored == StoredOperation(kind: "bots.swap", text: "{}", summary: "swap", target: .host("web1")))
  }

  @Test func `targets fold by kind and name`() {
    let targets: [OperationTarget] = [
      .database("rocky", part: "orders"), .bots(["bot1"], host: "web2"), .host("web1"), .file("motd", host: "web2"),
      .database("rocky"),
    ]
    #expect(targets.folded == "web[1-2], database rocky")
    #expect(targets.subjects == ["database rocky", "web2", "web1"])
  }
}
