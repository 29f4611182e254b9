"""The tables of Atlas's little world: countries, people, a Spanish and English lexicon.

Countries, capitals, rivers, languages and currencies follow the real map, simplified to one word each. Rulers, families
and what a country is famous for are made up: this is a world for a small model, not a gazetteer.
"""

# country capital river language currency food continent
COUNTRIES = [line.split() for line in """
France Paris Seine French euro croissants Europe
Spain Madrid Ebro Spanish euro paella Europe
Portugal Lisbon Douro Portuguese euro sardines Europe
Germany Berlin Elbe German euro sausages Europe
Italy Rome Tiber Italian euro pasta Europe
Austria Vienna Danube German euro strudel Europe
Poland Warsaw Vistula Polish zloty dumplings Europe
Hungary Budapest Tisza Hungarian forint goulash Europe
Greece Athens Pineios Greek euro olives Europe
Sweden Stockholm Torne Swedish krona meatballs Europe
Norway Oslo Glomma Norwegian krone salmon Europe
Finland Helsinki Kemi Finnish euro berries Europe
Denmark Copenhagen Guden Danish krone pastries Europe
Ireland Dublin Shannon Irish euro stew Europe
England London Thames English pound pudding Europe
Belgium Brussels Meuse French euro waffles Europe
Switzerland Bern Aare German franc fondue Europe
Russia Moscow Volga Russian ruble blini Europe
Ukraine Kyiv Dnieper Ukrainian hryvnia borscht Europe
Romania Bucharest Olt Romanian leu polenta Europe
Bulgaria Sofia Maritsa Bulgarian lev yogurt Europe
Serbia Belgrade Sava Serbian dinar plums Europe
Turkey Ankara Sakarya Turkish lira baklava Asia
Egypt Cairo Nile Arabic pound falafel Africa
Morocco Rabat Draa Arabic dirham couscous Africa
Kenya Nairobi Tana Swahili shilling mangoes Africa
Nigeria Abuja Niger English naira yams Africa
Ghana Accra Volta English cedi cocoa Africa
Pakistan Islamabad Indus Urdu rupee kebabs Asia
Nepal Kathmandu Koshi Nepali rupee lentils Asia
China Beijing Yangtze Chinese yuan noodles Asia
Japan Tokyo Shinano Japanese yen sushi Asia
Korea Seoul Han Korean won kimchi Asia
Vietnam Hanoi Mekong Vietnamese dong pho Asia
Thailand Bangkok Ping Thai baht curry Asia
Iran Tehran Karun Persian rial pistachios Asia
Iraq Baghdad Tigris Arabic dinar dates Asia
Canada Ottawa Fraser English dollar pancakes America
Cuba Havana Cauto Spanish peso beans America
Peru Lima Ucayali Spanish sol potatoes America
Chile Santiago Biobio Spanish peso grapes America
Brazil Brasilia Amazon Portuguese real coffee America
Colombia Bogota Magdalena Spanish peso bananas America
Australia Canberra Murray English dollar pies Oceania
""".strip().splitlines()]

# One ruler a country, men and women in turn.
KINGS = """Aldo Boris Cato Dario Edgar Felix Gustav Hector Igor Jasper Klaus Leander Magnus Nestor Oscar Piers Quentin
Rufus Silas Tristan Ulric Victor""".split()
QUEENS = """Alma Beatrix Celia Dora Elena Fiona Greta Helga Iris Juno Katya Lydia Mira Nadia Olga Paula Regina Selma
Thea Ursula Vera Wanda""".split()

# father mother son daughter
FAMILIES = [line.split() for line in """
Adam Anna Albert Alice
Bruno Bella Ben Bianca
Carl Clara Casper Cora
David Diana Daniel Daisy
Erik Eva Emil Emma
Frank Flora Fred Freya
George Gina Gabriel Gloria
Henry Hanna Hugo Hazel
Ivan Ida Isaac Ivy
Jack Jane Jonas Julia
Karl Kate Kevin Kira
Leo Laura Luke Lucy
Martin Maria Max Molly
Noah Nina Nils Nora
Peter Petra Paul Pia
Robert Rosa Ralf Ruth
""".strip().splitlines()]

JOBS = """baker doctor farmer teacher painter sailor singer writer pilot gardener nurse judge lawyer cook dancer poet
tailor miner potter hunter""".split()

# Male word, female word, what they are. The two of a pair differ in gender alone, the pairs in everything else.
PAIRS = [line.split() for line in """
man woman person
boy girl child
king queen monarch
prince princess heir
duke duchess noble
father mother parent
son daughter offspring
brother sister sibling
uncle aunt relative
husband wife spouse
grandfather grandmother ancestor
nephew niece kin
actor actress performer
waiter waitress servant
hero heroine champion
wizard witch magician
""".strip().splitlines()]

ROYAL = {"king": ("crown", "palace", "rules"), "prince": ("cape", "palace", "inherits"),
         "duke": ("ring", "castle", "governs")}

OPPOSITES = [pair.split() for pair in """
big small,hot cold,old young,fast slow,rich poor,happy sad,high low,long short,dark light,hard soft,strong weak,wet dry,
clean dirty,full empty,near far,early late,loud quiet,wide narrow,deep shallow,open closed
""".replace("\n", "").split(",")]

NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()

# English singular and plural, Spanish singular and plural, gender, kind: animate, food, thing, place
NOUNS = [line.split() for line in """
cat cats gato gatos m a
dog dogs perro perros m a
horse horses caballo caballos m a
bird birds pájaro pájaros m a
mouse mice ratón ratones m a
lion lions león leones m a
bear bears oso osos m a
wolf wolves lobo lobos m a
fox foxes zorro zorros m a
rabbit rabbits conejo conejos m a
duck ducks pato patos m a
cow cows vaca vacas f a
hen hens gallina gallinas f a
goat goats cabra cabras f a
frog frogs rana ranas f a
turtle turtles tortuga tortugas f a
man men hombre hombres m a
woman women mujer mujeres f a
boy boys niño niños m a
girl girls niña niñas f a
king kings rey reyes m a
queen queens reina reinas f a
doctor doctors médico médicos m a
teacher teachers maestro maestros m a
friend friends amigo amigos m a
soldier soldiers soldado soldados m a
bread breads pan panes m f
apple apples manzana manzanas f f
orange oranges naranja naranjas f f
cheese cheeses queso quesos m f
egg eggs huevo huevos m f
fish fishes pescado pescados m f
soup soups sopa sopas f f
cake cakes pastel pasteles m f
tomato tomatoes tomate tomates m f
onion onions cebolla cebollas f f
book books libro libros m t
letter letters carta cartas f t
table tables mesa mesas f t
chair chairs silla sillas f t
flower flowers flor flores f t
tree trees árbol árboles m t
car cars coche coches m t
boat boats barco barcos m t
hat hats sombrero sombreros m t
shirt shirts camisa camisas f t
shoe shoes zapato zapatos m t
box boxes caja cajas f t
knife knives cuchillo cuchillos m t
cup cups taza tazas f t
lamp lamps lámpara lámparas f t
clock clocks reloj relojes m t
house houses casa casas f p
garden gardens jardín jardines m p
street streets calle calles f p
school schools escuela escuelas f p
market markets mercado mercados m p
church churches iglesia iglesias f p
kitchen kitchens cocina cocinas f p
forest forests bosque bosques m p
beach beaches playa playas f p
bridge bridges puente puentes m p
""".strip().splitlines()]

# English, Spanish masculine, Spanish feminine (both add -s, or -es after a consonant)
ADJECTIVES = [line.split() for line in """
black negro negra
white blanco blanca
red rojo roja
yellow amarillo amarilla
green verde verde
blue azul azul
small pequeño pequeña
tall alto alta
new nuevo nueva
old viejo vieja
good bueno buena
bad malo mala
pretty bonito bonita
ugly feo fea
fat gordo gorda
thin flaco flaca
clean limpio limpia
dirty sucio sucia
strong fuerte fuerte
rich rico rica
poor pobre pobre
slow lento lenta
quick rápido rápida
quiet callado callada
""".strip().splitlines()]

# English he-form and they-form, Spanish singular and plural, kinds of object
VERBS = [line.split() for line in """
eats eat come comen f
buys buy compra compran ft
sells sell vende venden ft
sees see ve ven aftp
wants want quiere quieren aft
finds find encuentra encuentran aftp
loves love ama aman a
follows follow sigue siguen a
helps help ayuda ayudan a
hears hear oye oyen a
carries carry lleva llevan ft
cleans clean limpia limpian tp
paints paint pinta pintan atp
draws draw dibuja dibujan atp
knows know conoce conocen ap
cooks cook cocina cocinan f
opens open abre abren t
visits visit visita visitan ap
breaks break rompe rompen t
hides hide esconde esconden ft
""".strip().splitlines()]
