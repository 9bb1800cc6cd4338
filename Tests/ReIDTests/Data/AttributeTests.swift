import Foundation
import ReID
import Testing

@Suite("Attributes") struct AttributeTests {
    /// People of the generated files, one image each.
    private func dataset(_ train: [Int], _ test: [Int], attributes: String) throws -> PersonDataset {
        func name(_ person: Int, _ camera: Int) -> String {
            String(repeating: "0", count: 4 - "\(person)".count) + "\(person)_c\(camera)s1_1.jpg"
        }
        let tree = try GeneratedTree.boxes(
            train: train.flatMap { [name($0, 1), name($0, 2)] }, query: test.map { name($0, 1) },
            gallery: test.map { name($0, 2) } + [name(0, 1)])
        return try PersonDataset.load(.market1501, root: tree.root, attributes: attributes)
    }

    /// The table of the data set's own description (github.com/vana77/DukeMTMC-attribute, README.md): field, class 1, class 2.
    @Test("DukeMTMC-reID's attributes are the published ones") func duke() {
        var published = [
            ["gender", "male", "female"], ["top", "short", "long"], ["boots", "no", "yes"],
            ["hat", "no", "yes"], ["backpack", "no", "yes"], ["bag", "no", "yes"], ["handbag", "no", "yes"],
            ["shoes", "dark", "light"],
        ]
        for field in [
            "upblack", "upwhite", "upred", "uppurple", "upgray", "upblue", "upgreen", "upbrown", "downblack",
            "downwhite", "downred", "downgray", "downblue", "downgreen", "downbrown",
        ] { published.append([field, "no", "yes"]) }
        #expect(published.count == 23)
        #expect(AttributeSchema.dukeMTMC.attributes.map { [$0.name] + $0.classes } == published)
    }

    @Test(
        "published files are read by name, whatever the order of their fields",
        arguments: [
            ("market_attribute.mat", "market", AttributeSchema.market1501),
            ("market_attribute_compressed.mat", "market", .market1501),
            ("duke_attribute.mat", "duke", .dukeMTMC),
        ])
    func mat(file: String, name: String, schema: AttributeSchema) throws {
        let data = try dataset([2, 7, 10], [1, 3], attributes: DataFixture.path(file))
        let table = try #require(data.attributes)
        #expect(table.schema == schema)
        let expected = try DataFixture.json(
            "attributes.json", as: [String: [String: [String: Int]]].self)
        let people = try #require(expected[name])
        #expect(Set(table.values.keys) == Set(people.keys.compactMap(Int.init)))
        for (person, classes) in people {
            #expect(classes.count == schema.attributes.count)
            let values = table.classes(of: try #require(Int(person)))
            for (attribute, value) in zip(schema.attributes, values) {
                #expect(value == classes[attribute.name], "\(attribute.name) of \(person)")
            }
        }
        if name == "market" { #expect(data.remarks.isEmpty) }
    }

    @Test("published schemas have 27 and 23 attributes") func schemas() {
        #expect(AttributeSchema.market1501.attributes.count == 27)
        #expect(AttributeSchema.dukeMTMC.attributes.count == 23)
        #expect(AttributeSchema.market1501.attributes.filter { !$0.isBinary }.map(\.name) == ["age"])
        for schema in [AttributeSchema.market1501, .dukeMTMC] {
            #expect(Set(schema.attributes.map(\.name)).count == schema.attributes.count)
        }
        #expect(AttributeSchema.market1501.index(of: "hat") == 6)
    }

    @Test("people with images or attributes only are remarked on, distractors are not") func mismatch()
        throws
    {
        let data = try dataset([2, 99], [1, 50], attributes: DataFixture.path("market_attribute.mat"))
        #expect(
            data.remarks == [
                .withoutAttributes(.train, people: [99]), .withoutAttributes(.query, people: [50]),
                .withoutAttributes(.gallery, people: [50]), .withoutImages(people: [3, 7, 10]),
            ])
        #expect(data.attributes?.classes(of: 99) == [Int](repeating: -1, count: 27))
    }

    @Test("missing and unknown fields and values out of range are remarked on") func odd() throws {
        let path = DataFixture.path("odd_attribute.mat")
        let data = try dataset([2, 7, 10], [1, 3], attributes: path)
        #expect(
            data.remarks.map(\.description) == [
                "\(path): train: 2 values of 'age' not in 1 to 4, taken as unknown",
                "\(path): train: no field 'hat', taken as unknown",
                "\(path): train: unknown fields shoes, umbrella left out",
            ])
        let table = try #require(data.attributes)
        #expect([2, 7, 10].map { table.classes(of: $0)[0] } == [-1, -1, 3])
        #expect([2, 7, 10].map { table.classes(of: $0)[6] } == [-1, -1, -1])
        #expect([1, 3].allSatisfy { table.classes(of: $0)[6] >= 0 })
    }

    @Test("files that are no attribute files are named") func wrongFiles() throws {
        let tree = try GeneratedTree()
        let whole = try Data(contentsOf: URL(fileURLWithPath: DataFixture.path("market_attribute.mat")))
        try tree.text("text.mat", "person,hat\n1,2\n")
        try tree.file("half.mat", whole.prefix(whole.count / 2))
        try tree.file("header.mat", whole.prefix(128))
        try tree.file("empty.mat", [])
        try tree.folder("folder.mat")
        for (path, reason) in [
            (tree.path("absent.mat"), "no such file"), (tree.path("absent.csv"), "no such file"),
            (tree.path("text.mat"), "is not a MATLAB file, or cannot be read"),
            (tree.path("empty.mat"), "holds no variables; the file may be damaged or cut short"),
            (tree.path("header.mat"), "holds no variables; the file may be damaged or cut short"),
            (tree.path("folder.mat"), "is a folder, expected a MATLAB file"),
            (
                DataFixture.path("other.mat"),
                "holds faces, notes, expected duke_attribute or market_attribute"
            ),
            (
                DataFixture.path("uneven_attribute.mat"),
                "market_attribute.train.hat is not one number for each of 3 people"
            ),
        ] {
            #expect(throws: ReIDError.data(path: path, reason: reason)) {
                try dataset([2], [1], attributes: path)
            }
        }
        #expect {
            try dataset([2], [1], attributes: tree.path("half.mat"))
        } throws: { "\($0)".hasPrefix(tree.path("half.mat")) }
    }

    @Test("a file that is cut short is an error, never another table") func cuts() throws {
        let tree = try GeneratedTree()
        let images = try GeneratedTree.boxes()
        for name in ["market_attribute.mat", "market_attribute_compressed.mat"] {
            let whole = try PersonDataset.load(
                .market1501, root: images.root, attributes: DataFixture.path(name)
            ).attributes
            let bytes = try Data(contentsOf: URL(fileURLWithPath: DataFixture.path(name)))
            var refused = 0
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
                try tree.file("cut.mat", bytes.prefix(length))
                do throws(ReIDError) {
                    let cut = try PersonDataset.load(
                        .market1501, root: images.root, attributes: tree.path("cut.mat"))
                    // The check sum at the end of a compressed file is no loss.
                    #expect(cut.attributes == whole, "\(name) cut to \(length) of \(bytes.count) bytes")
                } catch { refused += 1 }
            }
            #expect(refused > 95)
        }
    }

    @Test("a CSV file brings its own schema") func csv() throws {
        let tree = try GeneratedTree()
        try tree.text(
            "a.csv",
            "\u{FEFF}# made up\nperson,hat,age,coat,same,level\n1,yes,adult,\"red, dark\",x,10\n2,no,child,blue,x,9\n3,?,adult,,x,10\n\n5,no,old,blue,x,2\n"
        )
        let data = try dataset([2, 3], [1, 5], attributes: tree.path("a.csv"))
        let table = try #require(data.attributes)
        #expect(
            table.schema
                == AttributeSchema([
                    .binary("hat"), .init(name: "age", classes: ["adult", "child", "old"]),
                    .init(name: "coat", classes: ["blue", "red, dark"]),
                    .init(name: "level", classes: ["2", "9", "10"]),
                ]))
        #expect(
            table.values == [
                1: [1, 0, 1, 2], 2: [0, 1, 0, 1], 3: [-1, 0, -1, 2], 5: [0, 2, 0, 0],
            ])
        #expect(
            data.remarks == [
                .attributeFile(
                    path: tree.path("a.csv"),
                    reason: "column 'same' left out: it has fewer than two different values")
            ])
    }

    @Test(
        "what is wrong with a CSV file is said with its line",
        arguments: [
            ("", "is empty, expected a header and rows"),
            ("name,hat\n1,yes\n", "the header is 'name,hat', expected 'person' and the attributes' names"),
            ("person\n1\n", "the header is 'person', expected 'person' and the attributes' names"),
            ("person,hat,hat\n1,yes,no\n", "the header names an attribute twice, or not at all"),
            ("person,hat\n1,yes\n2\n", "line 3 has 1 values, the header has 2"),
            ("person,hat\nAnna,yes\n", "line 2: person 'Anna', expected a number"),
            ("person,hat\n1,yes\n1,no\n", "line 3: person 1 for the second time"),
            ("person,hat\n1,cap\n2,cap\n", "no column has two different values: there is nothing to learn"),
        ])
    func wrongCSV(text: String, reason: String) throws {
        let tree = try GeneratedTree()
        try tree.text("a.csv", text)
        #expect(throws: ReIDError.data(path: tree.path("a.csv"), reason: reason)) {
            try dataset([2], [1], attributes: tree.path("a.csv"))
        }
    }

    @Test("a table refuses classes that its schema does not have") func table() throws {
        let schema = AttributeSchema([.binary("hat")])
        #expect(
            throws: ReIDError.invalidArgument(
                "person 4: class 2 of 'hat', expected 0 to 1, or -1 for unknown")
        ) { try AttributeTable(schema: schema, values: [4: [2]]) }
        #expect(
            throws: ReIDError.invalidArgument("person 4 has 2 attributes, the schema has 1")
        ) { try AttributeTable(schema: schema, values: [4: [0, 0]]) }
        let table = try AttributeTable(schema: schema, values: [1: [0], 2: [1], 3: [1], 4: [-1]])
        #expect(table.counts(of: [1, 2, 3, 3, 4, 5]) == [[1, 2]])
    }
}
