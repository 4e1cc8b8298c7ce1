-- SPDX-License-Identifier: Apache-2.0
--
-- demo.sql: a demo CRM to design APIs over: 500 organizations, 3000 contacts,
-- 1500 leads, 200 products, 1200 cases, 1500 deals, the weather of 150
-- cities, linked to each other. Loading it twice gives the same rows: nothing
-- in it is random or reads the clock. Its modules and definitions are the
-- documents in demo/.
--
-- It drops the tables demo_* that it makes, with all that was written to them,
-- and touches no other. For MySQL 8.0 and MariaDB 10.6 or later; the user who
-- loads it needs CREATE, DROP, REFERENCES, INDEX, INSERT, SELECT, UPDATE and
-- CREATE TEMPORARY TABLES.
--
-- E-mail and web addresses end in .example (RFC 2606) and telephone numbers
-- are of the ranges kept for fiction where a country has one: nobody is
-- written to or called by accident.

SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';

-- The tables. Children are dropped first: what refers goes before what it
-- refers to.
DROP TABLE IF EXISTS demo_weather, demo_deals, demo_cases, demo_products,
    demo_leads, demo_contact_addresses, demo_contacts, demo_organizations;

CREATE TABLE demo_organizations (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    accountname VARCHAR(100) NOT NULL,
    website VARCHAR(255),
    email VARCHAR(100),
    phone VARCHAR(30),
    accounttype ENUM('Prospect', 'Customer', 'Partner', 'Supplier', 'Other')
        NOT NULL DEFAULT 'Prospect',
    industry VARCHAR(40),
    rating VARCHAR(20),
    employees INT UNSIGNED,
    annual_revenue DECIMAL(15,2),
    street VARCHAR(100),
    postcode VARCHAR(12),
    city VARCHAR(60),
    country VARCHAR(60),
    parent_id INT UNSIGNED COMMENT 'the organization this one belongs to',
    assigned_user_id INT NOT NULL DEFAULT 1,
    description TEXT,
    createdtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    modifiedtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
        ON UPDATE CURRENT_TIMESTAMP,
    KEY accountname (accountname),
    KEY country (country),
    KEY annual_revenue (annual_revenue),
    CONSTRAINT demo_organizations_parent FOREIGN KEY (parent_id)
        REFERENCES demo_organizations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A contact is a row here and one in demo_contact_addresses.
CREATE TABLE demo_contacts (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    salutation VARCHAR(10),
    firstname VARCHAR(40),
    lastname VARCHAR(80) NOT NULL,
    email VARCHAR(100),
    card VARCHAR(30) COMMENT 'number of the customer card',
    website VARCHAR(255),
    phone VARCHAR(30),
    mobile VARCHAR(30),
    title VARCHAR(60),
    department VARCHAR(60),
    birthday DATE,
    leadsource VARCHAR(40),
    donotcall BOOLEAN NOT NULL DEFAULT 0,
    account_id INT UNSIGNED,
    assigned_user_id INT NOT NULL DEFAULT 1,
    description TEXT,
    createdtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    modifiedtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE KEY email (email),
    KEY lastname (lastname, firstname),
    KEY modifiedtime (modifiedtime),
    CONSTRAINT demo_contacts_account FOREIGN KEY (account_id)
        REFERENCES demo_organizations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE demo_contact_addresses (
    contact_id INT UNSIGNED NOT NULL PRIMARY KEY,
    street VARCHAR(100),
    postcode VARCHAR(12),
    city VARCHAR(60),
    country VARCHAR(60),
    KEY city (city),
    CONSTRAINT demo_contact_addresses_contact FOREIGN KEY (contact_id)
        REFERENCES demo_contacts (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Leads are deleted softly: `deleted` is set, the row stays.
CREATE TABLE demo_leads (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    firstname VARCHAR(40),
    lastname VARCHAR(80) NOT NULL,
    company VARCHAR(100),
    title VARCHAR(60),
    email VARCHAR(100),
    phone VARCHAR(30),
    leadsource VARCHAR(40),
    leadstatus VARCHAR(40) NOT NULL DEFAULT 'New',
    interests TEXT COMMENT 'several, joined by |##|',
    annual_revenue DECIMAL(15,2),
    emailoptout BOOLEAN NOT NULL DEFAULT 0,
    city VARCHAR(60),
    country VARCHAR(60),
    assigned_user_id INT NOT NULL DEFAULT 1,
    description TEXT,
    deleted BOOLEAN NOT NULL DEFAULT 0,
    createdtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    modifiedtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
        ON UPDATE CURRENT_TIMESTAMP,
    KEY email (email),
    KEY leadstatus (leadstatus)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE demo_products (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    productname VARCHAR(100) NOT NULL,
    productcode VARCHAR(20) NOT NULL,
    category VARCHAR(40),
    unit_price DECIMAL(12,2) NOT NULL DEFAULT 0.00,
    tax_rate DECIMAL(5,3) NOT NULL DEFAULT 19.000,
    weight_kg DECIMAL(8,3),
    qty_in_stock INT NOT NULL DEFAULT 0,
    discontinued BOOLEAN NOT NULL DEFAULT 0,
    sales_start_date DATE,
    barcode BIGINT UNSIGNED COMMENT 'EAN-13',
    attributes JSON,
    vendor_id INT UNSIGNED,
    assigned_user_id INT NOT NULL DEFAULT 1,
    description TEXT,
    createdtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    modifiedtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
        ON UPDATE CURRENT_TIMESTAMP,
    UNIQUE KEY productcode (productcode),
    KEY category (category, unit_price),
    CONSTRAINT demo_products_vendor FOREIGN KEY (vendor_id)
        REFERENCES demo_organizations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE demo_cases (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(150) NOT NULL,
    status VARCHAR(30) NOT NULL DEFAULT 'Open',
    priority VARCHAR(20) NOT NULL DEFAULT 'Normal',
    channel VARCHAR(20),
    account_id INT UNSIGNED,
    contact_id INT UNSIGNED,
    product_id INT UNSIGNED,
    hours DECIMAL(6,2) NOT NULL DEFAULT 0.00,
    closed_on DATE,
    assigned_user_id INT NOT NULL DEFAULT 1,
    description TEXT,
    resolution TEXT,
    createdtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    modifiedtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
        ON UPDATE CURRENT_TIMESTAMP,
    KEY status (status, priority),
    CONSTRAINT demo_cases_account FOREIGN KEY (account_id)
        REFERENCES demo_organizations (id),
    CONSTRAINT demo_cases_contact FOREIGN KEY (contact_id)
        REFERENCES demo_contacts (id),
    CONSTRAINT demo_cases_product FOREIGN KEY (product_id)
        REFERENCES demo_products (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE demo_deals (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    dealname VARCHAR(150) NOT NULL,
    amount DECIMAL(15,2) NOT NULL DEFAULT 0.00,
    closingdate DATE NOT NULL,
    sales_stage VARCHAR(30) NOT NULL DEFAULT 'Prospecting',
    probability TINYINT UNSIGNED NOT NULL DEFAULT 10,
    expected_revenue DECIMAL(15,2)
        GENERATED ALWAYS AS (ROUND(amount * probability / 100, 2)) STORED,
    account_id INT UNSIGNED NOT NULL,
    contact_id INT UNSIGNED,
    leadsource VARCHAR(40),
    nextstep VARCHAR(100),
    assigned_user_id INT NOT NULL DEFAULT 1,
    description TEXT,
    createdtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    modifiedtime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
        ON UPDATE CURRENT_TIMESTAMP,
    KEY sales_stage (sales_stage, closingdate),
    CONSTRAINT demo_deals_probability CHECK (probability <= 100),
    CONSTRAINT demo_deals_account FOREIGN KEY (account_id)
        REFERENCES demo_organizations (id),
    CONSTRAINT demo_deals_contact FOREIGN KEY (contact_id)
        REFERENCES demo_contacts (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE demo_weather (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    city VARCHAR(60) NOT NULL,
    country CHAR(2) NOT NULL DEFAULT '',
    temperature DECIMAL(4,1) COMMENT 'degrees Celsius',
    conditions VARCHAR(30),
    humidity TINYINT UNSIGNED COMMENT 'per cent',
    wind DECIMAL(4,1) COMMENT 'km/h',
    observed_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE KEY city (city)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What rows are made from: numbers from 0 to 3999,
CREATE TEMPORARY TABLE demo_n (n INT NOT NULL PRIMARY KEY);
INSERT INTO demo_n
WITH d (d) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL
    SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
    UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)
SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d
FROM d a, d b, d c, d e WHERE e.d < 4;

-- twelve countries: 14 first names (women first, then men), 16 last names,
-- both also in plain letters for addresses; ten branches; 4 towns with their
-- postcodes; 4 streets.
CREATE TEMPORARY TABLE demo_lands (
    land INT NOT NULL PRIMARY KEY,
    country VARCHAR(60), dial VARCHAR(30), legal VARCHAR(20),
    firsts TEXT, plain_firsts TEXT, lasts TEXT, plain_lasts TEXT,
    branches TEXT, towns TEXT, postcodes TEXT, streets TEXT
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO demo_lands VALUES
(0, 'Germany', '+49 30 23125 ', ' GmbH',
 'Anna,Käthe,Jördis,Sabine,Annegret,Zoë,Ute,Jürgen,Jörg,Günther,Björn,Matthias,Karl-Heinz,Sören',
 'anna,kaethe,joerdis,sabine,annegret,zoe,ute,juergen,joerg,guenther,bjoern,matthias,karl-heinz,soeren',
 'Müller,Schröder,Groß,Weiß,Krüger,Schäfer,Köhler,Möller,Jäger,Fuchs,Brandt,Lindemann,von der Heide,Strauß,Böhm,Winkler',
 'mueller,schroeder,gross,weiss,krueger,schaefer,koehler,moeller,jaeger,fuchs,brandt,lindemann,vonderheide,strauss,boehm,winkler',
 'Maschinenbau,Logistik,Software,Medizintechnik,Bau,Verlag,Brauerei,Elektrotechnik,Beratung,Energie',
 'Berlin,München,Köln,Nürnberg', '10115,80331,50667,90402',
 'Hauptstraße,Bahnhofstraße,Goethestraße,Am Mühlbach'),
(1, 'United Kingdom', '+44 20 7946 0', ' Ltd',
 'Emily,Charlotte,Imogen,Fiona,Siobhán,Harriet,Poppy,Oliver,George,Callum,Rhys,Alistair,Nigel,Owen',
 'emily,charlotte,imogen,fiona,siobhan,harriet,poppy,oliver,george,callum,rhys,alistair,nigel,owen',
 'Smith,Taylor,O''Neill,Whitfield,Hargreaves,Pemberton,Llewellyn,MacLeod,Ashworth,Bennett,Clarke,Donovan,Fairfax,Hughes,Ives,Kingsley',
 'smith,taylor,oneill,whitfield,hargreaves,pemberton,llewellyn,macleod,ashworth,bennett,clarke,donovan,fairfax,hughes,ives,kingsley',
 'Engineering,Logistics,Software,Medical,Construction,Press,Brewery,Electrical,Consulting,Energy',
 'London,Manchester,Edinburgh,Cardiff', 'EC1A 1BB,M1 1AE,EH1 1YZ,CF10 1EP',
 'High Street,Station Road,Church Lane,Victoria Road'),
(2, 'United States', '+1 212 555 0', ', Inc.',
 'Ashley,Madison,Keisha,Guadalupe,Brooke,Hannah,Denise,Tyler,Marcus,Austin,Jamal,Brandon,Chase,DeShawn',
 'ashley,madison,keisha,guadalupe,brooke,hannah,denise,tyler,marcus,austin,jamal,brandon,chase,deshawn',
 'Johnson,Williams,Washington,Miller,Anderson,Nguyen,Jackson,Carter,Hernandez,McAllister,Kowalczyk,Reed,Sullivan,Turner,Vaughn,Young',
 'johnson,williams,washington,miller,anderson,nguyen,jackson,carter,hernandez,mcallister,kowalczyk,reed,sullivan,turner,vaughn,young',
 'Machines,Freight,Systems,Health,Builders,Media,Brewing,Electric,Advisors,Power',
 'New York,Chicago,Seattle,Boston', '10001,60601,98101,02108',
 'Main Street,Elm Avenue,Lincoln Boulevard,5th Avenue'),
(3, 'France', '+33 1 99 00 7', ' SARL',
 'Élodie,Zoé,Amélie,Françoise,Inès,Chloé,Margaux,François,Jérôme,Benoît,Loïc,Rémi,Gaël,Étienne',
 'elodie,zoe,amelie,francoise,ines,chloe,margaux,francois,jerome,benoit,loic,remi,gael,etienne',
 'Lefèvre,Garçon,Dupont,Hébert,Bézier,D''Aubigné,Chevalier,Moreau,Girard,Lemaître,Noël,Pélissier,Rousseau,Thévenot,Vasseur,Besançon',
 'lefevre,garcon,dupont,hebert,bezier,daubigne,chevalier,moreau,girard,lemaitre,noel,pelissier,rousseau,thevenot,vasseur,besancon',
 'Mécanique,Transports,Logiciels,Santé,Bâtiment,Éditions,Brasserie,Électricité,Conseil,Énergie',
 'Paris,Lyon,Saint-Étienne,Orléans', '75002,69001,42000,45000',
 'Rue de la République,Avenue Foch,Rue de l''Église,Place du Marché'),
(4, 'Spain', '+34 910 555 ', ' S.L.',
 'Lucía,María José,Inmaculada,Begoña,Sofía,Rocío,Ángela,José,Iñaki,Andrés,Raúl,Íñigo,Joaquín,Ramón',
 'lucia,mariajose,inmaculada,begona,sofia,rocio,angela,jose,inaki,andres,raul,inigo,joaquin,ramon',
 'García Núñez,Muñoz,Ibáñez,Gutiérrez,Peña,Castaño,Vázquez,Zúñiga,Domínguez,Ortega,Rueda,Salazar,Tello,Úbeda,Valdés,Yáñez',
 'garcia,munoz,ibanez,gutierrez,pena,castano,vazquez,zuniga,dominguez,ortega,rueda,salazar,tello,ubeda,valdes,yanez',
 'Maquinaria,Logística,Informática,Salud,Construcción,Ediciones,Cervecera,Eléctrica,Consultoría,Energía',
 'Madrid,Málaga,A Coruña,Cádiz', '28013,29001,15001,11001',
 'Calle Mayor,Avenida de España,Plaza Nueva,Calle del Niño'),
(5, 'Italy', '+39 02 5550 ', ' S.r.l.',
 'Giulia,Chiara,Federica,Ludovica,Beatrice,Noemi,Ilaria,Nicolò,Lorenzo,Matteo,Davide,Simone,Luca,Pier Paolo',
 'giulia,chiara,federica,ludovica,beatrice,noemi,ilaria,nicolo,lorenzo,matteo,davide,simone,luca,pierpaolo',
 'Rossi,Forlì,D''Angelo,Bianchi,Conti,Esposito,Fabbri,Gallo,Lombardi,Marchetti,Nicolò,Pellegrini,Ricci,Santoro,Tedesco,Zanetti',
 'rossi,forli,dangelo,bianchi,conti,esposito,fabbri,gallo,lombardi,marchetti,nicolo,pellegrini,ricci,santoro,tedesco,zanetti',
 'Macchine,Trasporti,Informatica,Sanità,Costruzioni,Editore,Birrificio,Elettrica,Consulenza,Energia',
 'Milano,Roma,Torino,Forlì', '20121,00184,10121,47121',
 'Via Roma,Corso Italia,Via Garibaldi,Piazza della Libertà'),
(6, 'Poland', '+48 22 555 0', ' Sp. z o.o.',
 'Małgorzata,Agnieszka,Żaneta,Katarzyna,Bożena,Grażyna,Zofia,Łukasz,Paweł,Michał,Grzegorz,Wojciech,Stanisław,Błażej',
 'malgorzata,agnieszka,zaneta,katarzyna,bozena,grazyna,zofia,lukasz,pawel,michal,grzegorz,wojciech,stanislaw,blazej',
 'Wójcik,Zieliński,Dąbrowski,Król,Wiśniewski,Woźniak,Jabłoński,Górski,Gołąb,Kozłowski,Mróz,Nowak,Pająk,Sęk,Świątek,Żuraw',
 'wojcik,zielinski,dabrowski,krol,wisniewski,wozniak,jablonski,gorski,golab,kozlowski,mroz,nowak,pajak,sek,swiatek,zuraw',
 'Maszyny,Transport,Informatyka,Medycyna,Budownictwo,Wydawnictwo,Browar,Elektryka,Doradztwo,Energia',
 'Warszawa,Kraków,Łódź,Gdańsk', '00-001,31-001,90-001,80-001',
 'ul. Długa,ul. Kościuszki,al. Róż,ul. Ogrodowa'),
(7, 'Sweden', '+46 8 465 004 ', ' AB',
 'Åsa,Märta,Elsa,Linnéa,Malin,Saga,Ebba,Göran,Håkan,Björn Olov,Örjan,Lars,Måns,Pär',
 'asa,marta,elsa,linnea,malin,saga,ebba,goran,hakan,bjornolov,orjan,lars,mans,par',
 'Öberg,Åkesson,Sjöström,Bergström,Lindqvist,Ångström,Nyström,Hägg,Fälth,Dahl,Ekström,Grönlund,Hållander,Nordin,Rådberg,Söderberg',
 'oberg,akesson,sjostrom,bergstrom,lindqvist,angstrom,nystrom,hagg,falth,dahl,ekstrom,gronlund,hallander,nordin,radberg,soderberg',
 'Maskin,Logistik,Data,Vård,Bygg,Förlag,Bryggeri,El,Rådgivning,Energi',
 'Stockholm,Göteborg,Malmö,Örebro', '111 22,411 03,211 20,702 11',
 'Storgatan,Kungsgatan,Västra Ågatan,Skolvägen'),
(8, 'Türkiye', '+90 212 555 0', ' A.Ş.',
 'Ayşe,Gülşen,İpek,Çiğdem,Özlem,Şule,Zeynep,Çağlar,İsmail,Ömer,Oğuz,Şahin,Uğur,Yiğit',
 'ayse,gulsen,ipek,cigdem,ozlem,sule,zeynep,caglar,ismail,omer,oguz,sahin,ugur,yigit',
 'Yılmaz,Öztürk,Şimşek,Çelik,Aydın,Kılıç,Doğan,Güneş,Işık,Karakaş,Özkan,Sarı,Tuğrul,Ünal,Uçar,Yıldız',
 'yilmaz,ozturk,simsek,celik,aydin,kilic,dogan,gunes,isik,karakas,ozkan,sari,tugrul,unal,ucar,yildiz',
 'Makina,Lojistik,Yazılım,Sağlık,İnşaat,Yayıncılık,İçecek,Elektrik,Danışmanlık,Enerji',
 'İstanbul,Ankara,İzmir,Eskişehir', '34110,06050,35220,26010',
 'Atatürk Caddesi,İstiklal Caddesi,Çınar Sokağı,Gül Sokağı'),
(9, 'India', '+91 22 5550 0', ' Pvt. Ltd.',
 'Priya,Ananya,Deepika,Kavya,Lakshmi,Meera,Sunita,Arjun,Rahul,Vikram,Sanjay,Anil,Harish,Rohan',
 'priya,ananya,deepika,kavya,lakshmi,meera,sunita,arjun,rahul,vikram,sanjay,anil,harish,rohan',
 'Sharma,Iyer,Mukherjee,Patel,Reddy,Chatterjee,Deshpande,Fernandes,Ghosh,Joshi,Kapoor,Menon,Nair,Rao,Singh,Varma',
 'sharma,iyer,mukherjee,patel,reddy,chatterjee,deshpande,fernandes,ghosh,joshi,kapoor,menon,nair,rao,singh,varma',
 'Machines,Logistics,Infotech,Healthcare,Constructions,Publications,Beverages,Electricals,Consultants,Energy',
 'Mumbai,Bengaluru,Kolkata,Chennai', '400001,560001,700001,600001',
 'MG Road,Nehru Street,Park Street,Temple Road'),
(10, 'Japan', '+81 3 5550 0', '株式会社',
 '花子,さくら,美咲,陽菜,結衣,由美子,愛,太郎,健一,翔太,大輔,浩,蓮,直樹',
 'hanako,sakura,misaki,hina,yui,yumiko,ai,taro,kenichi,shota,daisuke,hiroshi,ren,naoki',
 '佐藤,鈴木,高橋,田中,渡辺,伊藤,山本,中村,小林,加藤,吉田,山田,佐々木,松本,井上,木村',
 'sato,suzuki,takahashi,tanaka,watanabe,ito,yamamoto,nakamura,kobayashi,kato,yoshida,yamada,sasaki,matsumoto,inoue,kimura',
 '機械,運輸,情報,医療,建設,出版,酒造,電機,総研,電力',
 '東京,大阪,京都,札幌', '100-0001,530-0001,600-8001,060-0001',
 '中央通り,銀座,本町,桜通り'),
(11, 'Greece', '+30 21 5550 0', ' Α.Ε.',
 'Ελένη,Μαρία,Σοφία,Αικατερίνη,Δήμητρα,Ζωή,Ιωάννα,Γιώργος,Νίκος,Κώστας,Δημήτρης,Γιάννης,Αλέξανδρος,Σπύρος',
 'eleni,maria,sofia,katerina,dimitra,zoi,ioanna,giorgos,nikos,kostas,dimitris,giannis,alexandros,spyros',
 'Παπαδόπουλος,Γεωργίου,Νικολάου,Αντωνίου,Βασιλείου,Δημητρίου,Ιωάννου,Καραγιάννης,Λάμπρου,Μακρής,Οικονόμου,Παππάς,Σταύρου,Φωτίου,Χατζής,Ζέρβας',
 'papadopoulos,georgiou,nikolaou,antoniou,vasileiou,dimitriou,ioannou,karagiannis,lamprou,makris,oikonomou,pappas,stavrou,fotiou,chatzis,zervas',
 'Μηχανές,Μεταφορές,Λογισμικό,Υγεία,Κατασκευές,Εκδόσεις,Ζυθοποιία,Ηλεκτρικά,Σύμβουλοι,Ενέργεια',
 'Αθήνα,Θεσσαλονίκη,Πάτρα,Ηράκλειο', '105 57,546 21,262 21,712 01',
 'Ερμού,Πανεπιστημίου,Λεωφόρος Νίκης,Αγίου Δημητρίου');


-- and their lists, one word a row.
CREATE TEMPORARY TABLE demo_firsts (
    land INT NOT NULL, i INT NOT NULL, name VARCHAR(40), plain VARCHAR(40),
    PRIMARY KEY (land, i)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO demo_firsts
SELECT land, n, SUBSTRING_INDEX(SUBSTRING_INDEX(firsts, ',', n + 1), ',', -1),
    SUBSTRING_INDEX(SUBSTRING_INDEX(plain_firsts, ',', n + 1), ',', -1)
FROM demo_lands JOIN demo_n ON n < 14;

CREATE TEMPORARY TABLE demo_lasts (
    land INT NOT NULL, i INT NOT NULL, name VARCHAR(40), plain VARCHAR(40),
    PRIMARY KEY (land, i)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO demo_lasts
SELECT land, n, SUBSTRING_INDEX(SUBSTRING_INDEX(lasts, ',', n + 1), ',', -1),
    SUBSTRING_INDEX(SUBSTRING_INDEX(plain_lasts, ',', n + 1), ',', -1)
FROM demo_lands JOIN demo_n ON n < 16;

CREATE TEMPORARY TABLE demo_branches (
    land INT NOT NULL, i INT NOT NULL, name VARCHAR(40), plain VARCHAR(40),
    industry VARCHAR(40), PRIMARY KEY (land, i)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO demo_branches
SELECT land, n, SUBSTRING_INDEX(SUBSTRING_INDEX(branches, ',', n + 1), ',', -1),
    ELT(n + 1, 'machines', 'logistics', 'software', 'medical', 'build',
        'press', 'brewery', 'electric', 'consulting', 'energy'),
    ELT(n + 1, 'Manufacturing', 'Logistics', 'Technology', 'Healthcare',
        'Construction', 'Media', 'Food & Beverage', 'Technology',
        'Consulting', 'Energy')
FROM demo_lands JOIN demo_n ON n < 10;

CREATE TEMPORARY TABLE demo_places (
    land INT NOT NULL, i INT NOT NULL, town VARCHAR(40), postcode VARCHAR(12),
    street VARCHAR(60), country VARCHAR(60), dial VARCHAR(30),
    legal VARCHAR(20), PRIMARY KEY (land, i)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO demo_places
SELECT land, n, SUBSTRING_INDEX(SUBSTRING_INDEX(towns, ',', n + 1), ',', -1),
    SUBSTRING_INDEX(SUBSTRING_INDEX(postcodes, ',', n + 1), ',', -1),
    SUBSTRING_INDEX(SUBSTRING_INDEX(streets, ',', n + 1), ',', -1),
    country, dial, legal
FROM demo_lands JOIN demo_n ON n < 4;

-- The rows. CRC32(SHA2(a letter and the row's number)) stands for chance: the
-- same on every server, while MD5 and SHA1 are not in MySQL 9.6 any more. Last
-- name and branch of an organization are counted, so that no two names meet.
INSERT INTO demo_organizations (id, accountname, website, email, phone,
    accounttype, industry, rating, employees, annual_revenue, street,
    postcode, city, country, parent_id, assigned_user_id, description,
    createdtime, modifiedtime)
SELECT o.n + 1,
    CONCAT(l.name, IF(o.land = 10, '', ' '), b.name, p.legal),
    CONCAT('https://www.', l.plain, '-', b.plain, '.example'),
    CONCAT('info@', l.plain, '-', b.plain, '.example'),
    CONCAT(p.dial, LPAD(o.n, 3, '0')),
    ELT(1 + CRC32(SHA2(CONCAT('t', o.n), 256)) % 8, 'Customer', 'Customer',
        'Customer', 'Customer', 'Prospect', 'Prospect', 'Partner', 'Supplier'),
    b.industry,
    ELT(1 + CRC32(SHA2(CONCAT('r', o.n), 256)) % 4, 'Acquired', 'Active',
        'Market Failed', NULL),
    o.size, o.size * (61000 + CRC32(SHA2(CONCAT('v', o.n), 256)) % 90000)
        + CRC32(SHA2(CONCAT('w', o.n), 256)) % 100 / 100,
    CONCAT(p.street, ' ', 1 + o.n * 7 % 120), p.postcode, p.town, p.country,
    IF(o.n > 60 AND o.n % 9 = 0, o.n % 60 + 1, NULL),
    1 + CRC32(SHA2(CONCAT('u', o.n), 256)) % 5,
    ELT(1 + CRC32(SHA2(CONCAT('d', o.n), 256)) % 6, NULL, NULL,
        'Met at the spring fair, wants a quote for two sites.',
        'Pays within ten days ⭐', 'Framework contract until 2027.',
        'Switched to e-invoices 📧; no paper, please.'),
    TIMESTAMP '2021-03-01 08:00:00' + INTERVAL o.n * 3 DAY
        + INTERVAL CRC32(SHA2(CONCAT('m', o.n), 256)) % 36000 SECOND,
    TIMESTAMP '2025-06-02 07:30:00'
        + INTERVAL CRC32(SHA2(CONCAT('e', o.n), 256)) % 31536000 SECOND
FROM (
    SELECT n, n % 12 AS land, n DIV 12 % 16 AS name,
        (n DIV 12 * 3 + n DIV 192) % 10 AS branch,
        CRC32(SHA2(CONCAT('p', n), 256)) % 4 AS place,
        3 + (CRC32(SHA2(CONCAT('z', n), 256)) % 40)
            * (CRC32(SHA2(CONCAT('y', n), 256)) % 40) AS size
    FROM demo_n WHERE n < 500
) o
JOIN demo_lasts l ON l.land = o.land AND l.i = o.name
JOIN demo_branches b ON b.land = o.land AND b.i = o.branch
JOIN demo_places p ON p.land = o.land AND p.i = o.place;

-- 1 to 2700 work for an organization (the first 500 for each of them once),
-- three of four in their own country; the others are private persons.
INSERT INTO demo_contacts (id, salutation, firstname, lastname, email, card,
    website, phone, mobile, title, department, birthday, leadsource, donotcall,
    account_id, assigned_user_id, description, createdtime, modifiedtime)
SELECT c.n + 1, IF(c.first < 7, 'Ms.', 'Mr.'), c.firstname, c.lastname,
    CONCAT(c.plain, IF(c.twin > 1, c.twin, ''), '@', c.domain),
    IF(c.n % 3, CONCAT('C-', 100000 + c.n * 37 % 900000), NULL),
    IF(c.n % 10 = 7, CONCAT('https://', c.plain, '.example'), NULL),
    CONCAT(c.dial, LPAD(c.n % 1000, 3, '0')),
    IF(c.n % 4, CONCAT(c.dial, LPAD((c.n + 500) % 1000, 3, '0')), NULL),
    IF(c.account IS NULL, NULL, ELT(1 + CRC32(SHA2(CONCAT('t', c.n), 256)) % 9,
        'CEO', 'Head of Purchasing', 'Sales Manager', 'IT Manager', 'Engineer',
        'Accountant', 'Assistant to the Board', 'Project Manager',
        'Head of Quality')),
    IF(c.account IS NULL, NULL, ELT(1 + CRC32(SHA2(CONCAT('t', c.n), 256)) % 9,
        'Management', 'Purchasing', 'Sales', 'IT', 'Engineering', 'Finance',
        'Management', 'Operations', 'Quality')),
    IF(c.n % 5, DATE '1958-01-01'
        + INTERVAL CRC32(SHA2(CONCAT('b', c.n), 256)) % 16000 DAY, NULL),
    ELT(1 + CRC32(SHA2(CONCAT('s', c.n), 256)) % 6, 'Cold Call',
        'Existing Customer', 'Trade Show', 'Web Site', 'Word of Mouth', NULL),
    CRC32(SHA2(CONCAT('j', c.n), 256)) % 12 = 0, c.account,
    1 + CRC32(SHA2(CONCAT('u', c.n), 256)) % 5,
    ELT(1 + CRC32(SHA2(CONCAT('d', c.n), 256)) % 8, NULL, NULL, NULL, NULL,
        'Prefers e-mail 📧 to telephone.', 'Speaks English and German.',
        'On parental leave until September 🍼',
        'Asks for "the usual" & means 100 % recycled paper; back on 3/4.'),
    TIMESTAMP '2022-01-10 08:00:00'
        + INTERVAL CRC32(SHA2(CONCAT('m', c.n), 256)) % 105000000 SECOND,
    TIMESTAMP '2025-06-01 06:00:00'
        + INTERVAL CRC32(SHA2(CONCAT('e', c.n), 256)) % 31536000 SECOND
FROM (
    SELECT k.*, f.name AS firstname, l.name AS lastname, p.dial,
        CONCAT(f.plain, '.', l.plain) AS plain,
        COALESCE(SUBSTRING(o.website, 13), 'mail.example') AS domain,
        ROW_NUMBER() OVER (PARTITION BY f.plain, l.plain, k.account
            ORDER BY k.n) AS twin
    FROM (
        SELECT j.*, IF(j.account IS NULL OR j.n % 4 = 0,
            CRC32(SHA2(CONCAT('l', j.n), 256)) % 12,
            (j.account + 11) % 12) AS land,
            CRC32(SHA2(CONCAT('f', j.n), 256)) % 14 AS first,
            CRC32(SHA2(CONCAT('a', j.n), 256)) % 16 AS last
        FROM (
            SELECT n, CASE WHEN n < 500 THEN n + 1 WHEN n < 2700
                THEN 1 + CRC32(SHA2(CONCAT('o', n), 256)) % 500 END AS account
            FROM demo_n WHERE n < 3000
        ) j
    ) k
    JOIN demo_firsts f ON f.land = k.land AND f.i = k.first
    JOIN demo_lasts l ON l.land = k.land AND l.i = k.last
    JOIN demo_places p ON p.land = k.land AND p.i = 0
    LEFT JOIN demo_organizations o ON o.id = k.account
) c;

-- Where a contact's organization is, or somewhere in the world.
INSERT INTO demo_contact_addresses (contact_id, street, postcode, city, country)
SELECT c.id, COALESCE(o.street, CONCAT(p.street, ' ', 1 + c.id % 80)),
    COALESCE(o.postcode, p.postcode), COALESCE(o.city, p.town),
    COALESCE(o.country, p.country)
FROM demo_contacts c
LEFT JOIN demo_organizations o ON o.id = c.account_id
LEFT JOIN demo_places p ON p.land = c.id % 12 AND p.i = c.id % 4;

-- Every sixtieth of them is deleted.
INSERT INTO demo_leads (id, firstname, lastname, company, title, email, phone,
    leadsource, leadstatus, interests, annual_revenue, emailoptout, city,
    country, assigned_user_id, description, deleted, createdtime, modifiedtime)
SELECT c.n + 1, f.name, l.name,
    CONCAT(l.name, IF(c.land = 10, '', ' '), b.name),
    ELT(1 + c.n % 5, 'Owner', 'Buyer', NULL, 'Marketing Manager', 'Developer'),
    IF(c.n % 11, CONCAT(f.plain, '.', l.plain, c.n, '@', b.plain, '.example'),
        NULL),
    CONCAT(p.dial, LPAD(c.n % 1000, 3, '0')),
    ELT(1 + CRC32(SHA2(CONCAT('S', c.n), 256)) % 5, 'Cold Call', 'Trade Show',
        'Web Site', 'Word of Mouth', 'Other'),
    ELT(1 + CRC32(SHA2(CONCAT('q', c.n), 256)) % 6, 'New', 'New', 'Contacted',
        'Hot', 'Qualified', 'Lost'),
    ELT(1 + CRC32(SHA2(CONCAT('i', c.n), 256)) % 5, 'CRM', 'CRM |##| API',
        'Support |##| Training', 'CRM |##| API |##| Training', NULL),
    IF(c.n % 3, 250000.00
        + CRC32(SHA2(CONCAT('v', c.n), 256)) % 900000000 / 100, NULL),
    CRC32(SHA2(CONCAT('x', c.n), 256)) % 20 = 0, p.town, p.country,
    1 + CRC32(SHA2(CONCAT('U', c.n), 256)) % 5,
    ELT(1 + CRC32(SHA2(CONCAT('D', c.n), 256)) % 6, NULL, NULL, NULL,
        'Downloaded the white paper twice 🚀', 'Call back after the holidays.',
        'Wants a trial for 25 people.'),
    c.n % 60 = 59,
    TIMESTAMP '2024-01-08 09:00:00'
        + INTERVAL CRC32(SHA2(CONCAT('M', c.n), 256)) % 44000000 SECOND,
    TIMESTAMP '2025-06-01 06:00:00'
        + INTERVAL CRC32(SHA2(CONCAT('E', c.n), 256)) % 31536000 SECOND
FROM (
    SELECT n, CRC32(SHA2(CONCAT('L', n), 256)) % 12 AS land,
        CRC32(SHA2(CONCAT('F', n), 256)) % 14 AS first,
        CRC32(SHA2(CONCAT('A', n), 256)) % 16 AS last,
        CRC32(SHA2(CONCAT('B', n), 256)) % 10 AS branch,
        CRC32(SHA2(CONCAT('P', n), 256)) % 4 AS place
    FROM demo_n WHERE n < 1500
) c
JOIN demo_firsts f ON f.land = c.land AND f.i = c.first
JOIN demo_lasts l ON l.land = c.land AND l.i = c.last
JOIN demo_branches b ON b.land = c.land AND b.i = c.branch
JOIN demo_places p ON p.land = c.land AND p.i = c.place;

-- 20 things in 10 makes.
INSERT INTO demo_products (id, productname, productcode, category, unit_price,
    tax_rate, weight_kg, qty_in_stock, discontinued, sales_start_date, barcode,
    attributes, vendor_id, assigned_user_id, description, createdtime,
    modifiedtime)
SELECT n + 1,
    CONCAT(ELT(1 + n DIV 20, 'Aurora', 'Basalt', 'Citrön', 'Delta', 'Écran',
            'Fjord', 'Granit', 'Høst', 'Ístas', 'Jupiter 🪐'), ' ',
        ELT(1 + n % 20, 'Desk', 'Office Chair', 'Monitor 27"', 'Monitor 34"',
            'Laptop 14"', 'Laptop 16"', 'Docking Station', 'Headset',
            'Keyboard', 'Mouse', 'Label Printer', 'Laser Printer',
            'Barcode Scanner', 'Access Point', 'Switch 24 Port', 'Server 2U',
            'Support Plan', 'Training Day', 'CRM Licence', 'Phone System')),
    CONCAT('PRD-', LPAD(n + 1, 4, '0')),
    CASE WHEN n % 20 < 2 THEN 'Furniture' WHEN n % 20 < 13 THEN 'Hardware'
        WHEN n % 20 < 16 THEN 'Network' WHEN n % 20 < 18 THEN 'Services'
        ELSE 'Software' END,
    ROUND(ELT(1 + n % 20, 420, 260, 290, 540, 980, 1450, 160, 85, 60, 35, 310, 270,
        145, 120, 390, 2900, 99, 850, 25, 640) * (100 + n DIV 20 * 9) / 100
        - 0.01, 2),
    IF(n % 20 IN (0, 1), 19.600, 19.000),
    IF(n % 20 BETWEEN 16 AND 18, NULL,
        0.120 + CRC32(SHA2(CONCAT('k', n), 256)) % 24000 / 1000),
    IF(n % 20 BETWEEN 16 AND 18, 0, CRC32(SHA2(CONCAT('g', n), 256)) % 450),
    n % 23 = 22,
    DATE '2019-01-01' + INTERVAL n * 12 DAY, 4006381000000 + n * 4733,
    JSON_OBJECT('colour', ELT(1 + n % 4, 'black', 'white', 'oak', 'grün'),
        'warranty_months', 12 * (1 + n % 3)),
    IF(n % 5, n % 100 + 1, NULL), 1 + n % 5,
    IF(n % 7, NULL, 'Delivered in 3 to 5 days.'),
    TIMESTAMP '2023-01-02 10:00:00' + INTERVAL n HOUR,
    TIMESTAMP '2026-01-05 10:00:00' + INTERVAL n * 37 MINUTE
FROM demo_n WHERE n < 200;

INSERT INTO demo_cases (id, title, status, priority, channel, account_id,
    contact_id, product_id, hours, closed_on, assigned_user_id, description,
    resolution, createdtime, modifiedtime)
SELECT k.n + 1,
    CONCAT(ELT(1 + CRC32(SHA2(CONCAT('T', k.n), 256)) % 10, 'No picture on ',
        'Invoice shows a wrong VAT rate for ', 'Firmware update fails: ',
        'Late delivery of ', 'Question about ', 'Noise 🔊 from ',
        'Return request for ', 'Cannot register ', 'Missing cable in box: ',
        'Würde gern tauschen: '), p.productname),
    k.status, ELT(1 + CRC32(SHA2(CONCAT('R', k.n), 256)) % 7, 'Low', 'Low',
        'Normal', 'Normal', 'Normal', 'High', 'Urgent'),
    ELT(1 + CRC32(SHA2(CONCAT('H', k.n), 256)) % 4, 'Email', 'Phone', 'Web',
        'Chat'),
    c.account_id, c.id, p.id, CRC32(SHA2(CONCAT('h', k.n), 256)) % 64 / 4,
    IF(k.status = 'Closed', DATE(k.opened) + INTERVAL 2 + k.n % 20 DAY, NULL),
    c.assigned_user_id,
    CONCAT(ELT(1 + k.n % 3, 'The customer writes: “', 'By telephone: “',
        'From the form: “'), ELT(1 + CRC32(SHA2(CONCAT('Q', k.n), 256)) % 5,
        'It worked until Monday.', 'We need this before the weekend 😅',
        'Please call me back.', 'Third time this year!',
        'Können Sie das bitte prüfen?'), '”'),
    IF(k.status IN ('Resolved', 'Closed'), ELT(1 + k.n % 3,
        'Replaced under warranty.', 'Explained the settings; works now. ✅',
        'Credit note sent.'), NULL),
    k.opened, k.opened + INTERVAL 3600 + k.n * 977 % 900000 SECOND
FROM (
    SELECT n, 1 + CRC32(SHA2(CONCAT('C', n), 256)) % 2700 AS contact,
        1 + CRC32(SHA2(CONCAT('O', n), 256)) % 10 * 20
            + CRC32(SHA2(CONCAT('I', n), 256)) % 16 AS product,
        ELT(1 + CRC32(SHA2(CONCAT('W', n), 256)) % 6, 'Open', 'In Progress',
            'Wait For Response', 'Resolved', 'Closed', 'Closed') AS status,
        TIMESTAMP '2024-09-02 07:00:00'
            + INTERVAL n * 43217 SECOND AS opened
    FROM demo_n WHERE n < 1200
) k
JOIN demo_contacts c ON c.id = k.contact
JOIN demo_products p ON p.id = k.product;

INSERT INTO demo_deals (id, dealname, amount, closingdate, sales_stage,
    probability, account_id, contact_id, leadsource, nextstep,
    assigned_user_id, description, createdtime, modifiedtime)
SELECT k.n + 1,
    CONCAT(o.accountname, ' – ', ELT(1 + CRC32(SHA2(CONCAT('N', k.n), 256)) % 8,
        'new office', 'licence renewal', 'training 2026', 'server room',
        'pilot 🚀', 'framework contract', 'branch roll-out', 'spare parts')),
    (500 + CRC32(SHA2(CONCAT('V', k.n), 256)) % 12000
        * (1 + CRC32(SHA2(CONCAT('X', k.n), 256)) % 9))
        + CRC32(SHA2(CONCAT('Y', k.n), 256)) % 4 * 0.25,
    DATE '2025-01-06' + INTERVAL k.n % 700 DAY,
    ELT(k.stage, 'Prospecting', 'Qualification', 'Proposal', 'Negotiation',
        'Closed Won', 'Closed Lost'),
    ELT(k.stage, 10, 25, 50, 75, 100, 0), c.account_id, c.id, c.leadsource,
    ELT(k.stage, 'First call', 'Send questionnaire', 'Follow up the quote',
        'Meeting with purchasing', NULL, NULL),
    c.assigned_user_id,
    IF(k.n % 6, NULL, 'Competitor is 5 % cheaper; we deliver earlier.'),
    TIMESTAMP '2024-06-03 08:15:00' + INTERVAL k.n * 7 HOUR,
    TIMESTAMP '2025-09-01 08:15:00' + INTERVAL k.n * 5 HOUR
FROM (
    SELECT n, 1 + CRC32(SHA2(CONCAT('G', n), 256)) % 2700 AS contact,
        1 + CRC32(SHA2(CONCAT('J', n), 256)) % 6 AS stage
    FROM demo_n WHERE n < 1500
) k
JOIN demo_contacts c ON c.id = k.contact
JOIN demo_organizations o ON o.id = c.account_id;

-- A city, its country, the temperature and the conditions; humidity, wind and
-- the minute of the observation follow from them.
INSERT INTO demo_weather (city, country, temperature, conditions) VALUES
('London','GB',11.3,'Light rain'), ('Manchester','GB',9.8,'Rain'),
('Edinburgh','GB',8.1,'Cloudy'), ('Cardiff','GB',10.2,'Rain'),
('Belfast','GB',8.9,'Cloudy'), ('Dublin','IE',9.6,'Light rain'),
('Cork','IE',10.1,'Windy'), ('Paris','FR',13.2,'Cloudy'),
('Lyon','FR',14.8,'Partly cloudy'), ('Marseille','FR',18.6,'Sunny'),
('Nice','FR',18.9,'Sunny'), ('Saint-Étienne','FR',12.7,'Cloudy'),
('Bordeaux','FR',15.1,'Partly cloudy'), ('Lille','FR',11.4,'Light rain'),
('Berlin','DE',10.4,'Cloudy'), ('München','DE',9.1,'Rain'),
('Hamburg','DE',9.7,'Windy'), ('Köln','DE',11.9,'Light rain'),
('Frankfurt am Main','DE',11.6,'Cloudy'), ('Nürnberg','DE',9.9,'Fog'),
('Leipzig','DE',10.1,'Partly cloudy'), ('Düsseldorf','DE',11.8,'Cloudy'),
('Stuttgart','DE',11.0,'Sunny'), ('Wien','AT',12.3,'Partly cloudy'),
('Graz','AT',11.7,'Sunny'), ('Salzburg','AT',8.8,'Rain'),
('Zürich','CH',9.5,'Cloudy'), ('Genève','CH',11.2,'Partly cloudy'),
('Bern','CH',8.7,'Fog'), ('Madrid','ES',19.4,'Sunny'),
('Barcelona','ES',19.9,'Sunny'), ('Sevilla','ES',24.6,'Sunny'),
('Málaga','ES',22.8,'Sunny'), ('Bilbao','ES',15.3,'Light rain'),
('A Coruña','ES',14.9,'Windy'), ('Lisboa','PT',18.7,'Partly cloudy'),
('Porto','PT',15.8,'Light rain'), ('Roma','IT',18.2,'Sunny'),
('Milano','IT',15.4,'Fog'), ('Napoli','IT',19.3,'Sunny'),
('Torino','IT',14.2,'Partly cloudy'), ('Palermo','IT',21.7,'Sunny'),
('Bologna','IT',15.9,'Cloudy'), ('Valletta','MT',21.9,'Sunny'),
('Amsterdam','NL',10.8,'Windy'), ('Rotterdam','NL',10.9,'Windy'),
('Bruxelles','BE',11.1,'Light rain'), ('Antwerpen','BE',11.3,'Cloudy'),
('Luxembourg','LU',9.4,'Cloudy'), ('København','DK',8.4,'Windy'),
('Aarhus','DK',7.9,'Cloudy'), ('Oslo','NO',3.2,'Snow'),
('Bergen','NO',6.1,'Rain'), ('Tromsø','NO',-4.6,'Snow'),
('Stockholm','SE',4.3,'Cloudy'), ('Göteborg','SE',6.2,'Rain'),
('Malmö','SE',7.7,'Windy'), ('Kiruna','SE',-11.8,'Snow'),
('Helsinki','FI',1.4,'Snow'), ('Tampere','FI',-0.7,'Snow'),
('Rovaniemi','FI',-9.3,'Snow'), ('Reykjavík','IS',2.6,'Windy'),
('Akureyri','IS',0.0,'Snow'), ('Tallinn','EE',2.8,'Cloudy'),
('Riga','LV',4.0,'Fog'), ('Vilnius','LT',4.5,'Cloudy'),
('Warszawa','PL',8.2,'Cloudy'), ('Kraków','PL',8.9,'Fog'),
('Gdańsk','PL',7.3,'Windy'), ('Łódź','PL',8.0,'Cloudy'),
('Praha','CZ',9.3,'Partly cloudy'), ('Brno','CZ',9.8,'Sunny'),
('Bratislava','SK',11.5,'Sunny'), ('Budapest','HU',13.0,'Partly cloudy'),
('Ljubljana','SI',10.6,'Fog'), ('Zagreb','HR',12.1,'Cloudy'),
('Split','HR',17.4,'Sunny'), ('Sarajevo','BA',9.0,'Cloudy'),
('Beograd','RS',13.4,'Sunny'), ('Sofia','BG',10.7,'Cloudy'),
('București','RO',12.6,'Partly cloudy'), ('Cluj-Napoca','RO',9.2,'Rain'),
('Skopje','MK',12.9,'Sunny'), ('Tirana','AL',17.0,'Sunny'),
('Athína','GR',20.8,'Sunny'), ('Thessaloníki','GR',17.5,'Partly cloudy'),
('Irákleio','GR',21.4,'Windy'), ('İstanbul','TR',15.6,'Cloudy'),
('Ankara','TR',11.4,'Sunny'), ('İzmir','TR',19.8,'Sunny'),
('Nicosia','CY',24.3,'Sunny'), ('Kyiv','UA',6.7,'Cloudy'),
('Lviv','UA',6.9,'Rain'), ('Odesa','UA',10.5,'Windy'),
('Chișinău','MD',9.7,'Cloudy'), ('Tbilisi','GE',12.2,'Partly cloudy'),
('Yerevan','AM',11.8,'Sunny'), ('New York','US',13.7,'Sunny'),
('Boston','US',10.3,'Partly cloudy'), ('Chicago','US',8.6,'Windy'),
('Seattle','US',10.5,'Rain'), ('San Francisco','US',15.7,'Fog'),
('Los Angeles','US',22.1,'Sunny'), ('Denver','US',9.4,'Sunny'),
('Houston','US',24.2,'Thunderstorm'), ('Miami','US',27.6,'Thunderstorm'),
('Anchorage','US',-5.2,'Snow'), ('Honolulu','US',26.9,'Sunny'),
('Toronto','CA',9.0,'Cloudy'), ('Montréal','CA',6.8,'Snow'),
('Vancouver','CA',9.9,'Rain'), ('Québec','CA',4.7,'Snow'),
('Ciudad de México','MX',19.2,'Partly cloudy'),
('Guadalajara','MX',23.0,'Sunny'), ('Bogotá','CO',14.1,'Rain'),
('Medellín','CO',21.5,'Thunderstorm'), ('Lima','PE',18.8,'Fog'),
('Quito','EC',13.9,'Rain'), ('Santiago','CL',17.1,'Sunny'),
('Buenos Aires','AR',20.3,'Sunny'), ('Córdoba','AR',21.6,'Thunderstorm'),
('Montevideo','UY',19.1,'Windy'), ('São Paulo','BR',22.7,'Thunderstorm'),
('Rio de Janeiro','BR',26.4,'Sunny'), ('Brasília','BR',24.9,'Rain'),
('Asunción','PY',28.3,'Sunny'), ('Cairo','EG',27.1,'Sunny'),
('Casablanca','MA',20.6,'Partly cloudy'), ('Tunis','TN',20.9,'Sunny'),
('Lagos','NG',29.8,'Thunderstorm'), ('Nairobi','KE',19.7,'Partly cloudy'),
('Cape Town','ZA',18.0,'Windy'), ('Johannesburg','ZA',19.9,'Sunny'),
('Dubai','AE',33.4,'Sunny'), ('Tel Aviv','IL',24.0,'Sunny'),
('Beirut','LB',24.6,'Sunny'), ('Manila','PH',30.1,'Thunderstorm'),
('Mumbai','IN',30.5,'Fog'), ('Bengaluru','IN',24.7,'Partly cloudy'),
('Kolkata','IN',29.1,'Sunny'), ('Singapore','SG',29.4,'Thunderstorm'),
('Bangkok','TH',31.2,'Thunderstorm'), ('Tokyo','JP',16.4,'Sunny'),
('Osaka','JP',17.2,'Cloudy'), ('Sapporo','JP',5.9,'Snow'),
('Seoul','KR',11.7,'Sunny'), ('Hong Kong','HK',25.3,'Cloudy'),
('Sydney','AU',21.2,'Sunny'), ('Melbourne','AU',16.8,'Windy'),
('Auckland','NZ',16.1,'Rain');
UPDATE demo_weather SET
    humidity = LEAST(99, CRC32(city) % 20 + CASE conditions
        WHEN 'Sunny' THEN 38 WHEN 'Partly cloudy' THEN 52
        WHEN 'Cloudy' THEN 62 WHEN 'Windy' THEN 60 ELSE 78 END),
    wind = CRC32(SHA2(CONCAT('w', city), 256)) % 180 / 10
        + IF(conditions IN ('Windy', 'Thunderstorm'), 31.5, 2.0),
    observed_at = TIMESTAMP '2026-10-15 12:00:00'
        - INTERVAL CRC32(SHA2(CONCAT('o', city), 256)) % 55 MINUTE;

DROP TEMPORARY TABLE demo_n, demo_lands, demo_firsts, demo_lasts,
    demo_branches, demo_places;
