import Testing

@testable import PrimitiveKit

struct OperationKeysTests {
  @Test func `names tell step, kind, target and content`() {
    let base = EncodedOperation(Word(host: "w1", word: "x"), text: "{}").base(in: "s/in")
    #expect(base.hasPrefix("s/in/test.word@w1#"))
    #expect(EncodedOperation(Word(), text: "{}").base(in: "").hasPrefix("test.word@web1#"))
    #expect(EncodedOperation(Word(), text: "{}").base(in: "") != EncodedOperation(Word(), text: "{ }").base(in: ""))
    #expect(OperationKeys.base("\(base)~3", within: "s/in") == OperationKeys.base(base, within: "s/in"))
  }

  @Test(arguments: [
    ("s~2/x#1", "s/x#1"), ("a~12/b~3/x#1~2", "a/b/x#1~2"), ("x#1", "x#1"), ("f@/home/a~b/c#1", "f@/home/a~b/c#1"),
  ])
  func `attempts are no part of a lasting name`(_ name: String, _ lasting: String) {
    #expect(OperationKeys.lasting(name) == lasting)
  }

  @Test func `a name that was not used is used again`() {
    var keys = OperationKeys()
    let first = keys.next("b#1")
    keys.takeBack(first.key)
    #expect(keys.next("b#1") == first)
    #expect(keys.next("b#1").key == "b#1~2")
    keys.takeBack("never")
    #expect(keys.upcoming("b#1") == "b#1~3")
  }

  @Test func `what is in doubt keeps its name until its end is known`() {
    var keys = OperationKeys()
    let key = keys.next("b#1").key
    keys.opened(key)
    keys.ended(key, isKnown: false)
    #expect(keys.isOpen(key))
    #expect(keys.next("b#1") == OperationKeys.Name(key: key))
    keys.ended(key, isKnown: true)
    #expect(!keys.isOpen(key))
    #expect(keys.next("b#1").key == "b#1~2")
  }

  @Test func `a later attempt gets the name of what is in doubt, and an alias for the next process`() {
    var keys = OperationKeys(["s/b#1": .open, "s/b#1~2": .done("1"), "t/c#1": .done("1")])
    #expect(keys.next("s~2/b#1") == OperationKeys.Name(key: "s/b#1", alias: "s~2/b#1"))
    #expect(keys.next("t~2/c#1") == OperationKeys.Name(key: "t~2/c#1"))
    var next = OperationKeys(["s/b#1": .done("1")], aliases: ["s~2/b#1": "s/b#1"])
    #expect(next.next("s~2/b#1") == OperationKeys.Name(key: "s/b#1"))
    #expect(next.next("s~2/b#1") == OperationKeys.Name(key: "s~2/b#1~2"))
  }

  @Test func `a token is short and safe in a file name`() {
    let token = OperationKeys.token(run: "20261121-114502-6ca32b16", key: "s/ü/#~")
    #expect(token.count <= 50)
    #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
  }
}
