import Glibc

/// Texts as C wants them: an array of pointers with a null pointer behind the last one.
struct CStrings: ~Copyable {
  private let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String?]) { pointers = texts.map { $0.flatMap { strdup($0) } } + [nil] }

  deinit { for pointer in pointers { free(pointer) } }

  borrowing func read<Answer>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Answer) -> Answer {
    pointers.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
