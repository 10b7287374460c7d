import PrimitiveKit
import Testing

struct OperationCodingTests {
  @Test func `equal values are equal texts`() throws {
    let coding = OperationCoding()
    let one: [String: Value] = ["b": .int(1), "a": .array([.null, .bool(true)])]
    #expect(try coding.encode(Value.table(one)) == #"{"a":[null,true],"b":1}"#)
    #expect(try coding.encode(Value.string("a/b")) == #""a/b""#)
  }

  @Test func `operations come back as they were`() throws {
    let coding = OperationCoding(kinds: [Word.self, AttachedWord.self])
    let stored = try coding.store(Word(host: "w7", word: "x"))
    #expect(stored.kind == "test.word" && stored.target == .host("w7") && stored.summary == "write x")
    let word = try #require(try coding.operation(stored) as? Word)
    #expect(word.host == "w7" && word.word == "x")
  }

  @Test func `a kind that is not known, and a text that is none, are named`() throws {
    let coding = OperationCoding(kinds: [Word.self])
    let unknown = StoredOperation(kind: "test.other", text: "{}", summary: "", target: .host(""))
    #expect(throws: CallFailure.self) { try coding.operation(unknown) }
    do {
      _ = try coding.operation(unknown)
    } catch {
      #expect(error.code == "journal.coding" && error.message.contains("'test.other'"))
    }
    do {
      _ = try coding.operation(StoredOperation(kind: "test.word", text: "[", summary: "", target: .host("")))
      Issue.record("was read")
    } catch {
      #expect(error.code == "journal.coding")
    }
  }

  @Test func `long texts are kept once, short ones stay where they are`() throws {
    let texts = TextStore()
    let coding = OperationCoding(kinds: [Word.self], texts: texts)
    let long = String(repeating: "line\n", count: 100)
    let stored = try coding.store(Word(note: InternedText(long)))
    #expect(!stored.text.contains("line"))
    #expect(try coding.store(Word(note: InternedText("short"))).text.contains("=short"))
    #expect((try coding.operation(stored) as? Word)?.note.text == long)
    let elsewhere = OperationCoding(kinds: [Word.self])
    #expect(throws: CallFailure.self) { try elsewhere.operation(stored) }
    elsewhere.texts.add(texts.takeUnsaved())
    #expect((try elsewhere.operation(stored) as? Word)?.note.text == long)
  }

  @Test func `outcomes are compared as their operation says`() throws {
    let coding = OperationCoding(kinds: [Word.self])
    let stored = try coding.store(Word())
    #expect(coding.agrees(stored, predicted: "\"x\"", actual: "\"x\""))
    #expect(!coding.agrees(stored, predicted: "\"x\"", actual: "\"y\""))
    #expect(!coding.agrees(stored, predicted: "nonsense", actual: "\"y\""))
  }
}

struct TextStoreTests {
  @Test func `a text is unsaved once`() {
    let store = TextStore()
    let hash = store.intern("hello")
    #expect(store.intern("hello") == hash)
    #expect(store.text(hash) == "hello")
    let unsaved = store.takeUnsaved()
    #expect(unsaved == [hash: "hello"])
    #expect(store.takeUnsaved().isEmpty)
    #expect(store.intern("hello") == hash)
    #expect(store.takeUnsaved().isEmpty)
  }

  @Test func `what a journal has is not written again`() {
    let store = TextStore()
    let hash = TextStore().intern("known")
    store.add([hash: "known"])
    _ = store.intern("known")
    #expect(store.takeUnsaved().isEmpty)
  }
}
